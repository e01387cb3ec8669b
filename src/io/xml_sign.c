#include "io/xml_sign.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

struct wf_xml_signer {
  xmlSecKey *key;
  bool rsa;
};

static const xmlChar *xml_of(const char *text) {
  return (const xmlChar *)text;
}

static bool begin(void) {
  static int begun = -1;
  if (begun < 0) begun = xmlSecInit() >= 0 && xmlSecCryptoAppInit(NULL) >= 0 && xmlSecCryptoInit() >= 0;
  return begun == 1;
}

wf_xml_signer *wf_xml_signer_new(const char *key_path, const char *certificate_path, char reason[WF_IO_REASON_SIZE]) {
  if (!begin()) {
    snprintf(reason, WF_IO_REASON_SIZE, "xmlsec does not start");
    return NULL;
  }
  wf_xml_signer *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->key = xmlSecCryptoAppKeyLoad(key_path, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
  if (s->key == NULL || xmlSecCryptoAppKeyCertLoad(s->key, certificate_path, xmlSecKeyDataFormatPem) < 0) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.150s or %.150s: not a PEM key and its certificate", key_path,
             certificate_path);
    wf_xml_signer_free(s);
    return NULL;
  }
  s->rsa = xmlSecKeyGetValue(s->key)->id == xmlSecKeyDataRsaId;
  return s;
}

void wf_xml_signer_free(wf_xml_signer *s) {
  if (s == NULL) return;
  if (s->key != NULL) xmlSecKeyDestroy(s->key);
  free(s);
}

static xmlNode *signature_template(const wf_xml_signer *s, xmlDoc *doc) {
  xmlNode *signature = xmlSecTmplSignatureCreate(
      doc, xmlSecTransformExclC14NId, s->rsa ? xmlSecTransformRsaSha256Id : xmlSecTransformEcdsaSha256Id, NULL);
  if (signature == NULL) return NULL;
  xmlAddChild(xmlDocGetRootElement(doc), signature);
  xmlNode *reference = xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL, xml_of(""), NULL);
  xmlNode *info = xmlSecTmplSignatureEnsureKeyInfo(signature, NULL);
  const bool ok = reference != NULL && info != NULL &&
                  xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId) != NULL &&
                  xmlSecTmplReferenceAddTransform(reference, xmlSecTransformExclC14NId) != NULL &&
                  xmlSecTmplKeyInfoAddX509Data(info) != NULL;
  return ok ? signature : NULL;
}

static bool sign(const wf_xml_signer *s, xmlDoc *doc) {
  xmlNode *signature = signature_template(s, doc);
  xmlSecDSigCtx *context = signature != NULL ? xmlSecDSigCtxCreate(NULL) : NULL;
  if (context == NULL) return false;
  context->signKey = xmlSecKeyDuplicate(s->key);
  const bool ok = context->signKey != NULL && xmlSecDSigCtxSign(context, signature) >= 0;
  xmlSecDSigCtxDestroy(context);
  return ok;
}

wf_status wf_xml_sign(const wf_xml_signer *s, const char *xml, size_t size, char **out, size_t *out_size,
                      char reason[WF_IO_REASON_SIZE]) {
  xmlDoc *doc = xmlReadMemory(xml, (int)size, "message.xml", NULL, XML_PARSE_NONET);
  xmlChar *text = NULL;
  int length = 0;
  if (doc == NULL || !sign(s, doc)) {
    snprintf(reason, WF_IO_REASON_SIZE, "the message cannot be signed");
    xmlFreeDoc(doc);
    return WF_EINVAL;
  }
  xmlDocDumpMemoryEnc(doc, &text, &length, "UTF-8");
  xmlFreeDoc(doc);
  *out = text != NULL ? malloc((size_t)length + 1) : NULL;
  if (*out != NULL) memcpy(*out, text, (size_t)length + 1);
  *out_size = (size_t)length;
  xmlFree(text);
  return *out != NULL ? WF_OK : WF_ENOMEM;
}
