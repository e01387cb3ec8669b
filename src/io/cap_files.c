#include "cap_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 640, FEED_ENTRIES = 100, NAME_SIZE = 24 };

typedef struct found {
  char name[NAME_SIZE];
  struct timespec changed;
} found;

// What the feed says of a message, kept so that a release reads one file and not a hundred.
typedef struct entry {
  found file;
  xmlChar *id, *headline, *sent, *status;
} entry;

struct wf_cap_feed {
  char dir[PATH_SIZE];
  wf_nation nation;
  const wf_xml_signer *signer;
  size_t count;
  entry entries[FEED_ENTRIES], next[FEED_ENTRIES];
  found files[FEED_ENTRIES];
};

static const xmlChar *xml_of(const char *text) {
  return (const xmlChar *)text;
}

static wf_status put_file(const char *path, const char *text, size_t size, char reason[WF_IO_REASON_SIZE]) {
  char temporary[PATH_SIZE + 32];
  snprintf(temporary, sizeof temporary, "%s.new", path);
  const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool ok = fd >= 0 && write(fd, text, size) == (ssize_t)size;
  if (fd >= 0) ok = close(fd) == 0 && ok;
  ok = ok && rename(temporary, path) == 0;
  if (ok) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "%.300s: %s", path, strerror(errno));
  unlink(temporary);
  return WF_EIO;
}

wf_status wf_cap_file_put(const char *dir, uint64_t product, const char *xml, size_t size,
                          char reason[WF_IO_REASON_SIZE]) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%.600s/%016" PRIx64 ".xml", dir, product);
  return put_file(path, xml, size, reason);
}

wf_status wf_cap_named_put(const char *dir, const char *name, const char *text, size_t size,
                           char reason[WF_IO_REASON_SIZE]) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%.590s/%.40s", dir, name);
  return put_file(path, text, size, reason);
}

static int newest_first(const void *a, const void *b) {
  const found *x = a, *y = b;
  if (x->changed.tv_sec != y->changed.tv_sec) return x->changed.tv_sec < y->changed.tv_sec ? 1 : -1;
  if (x->changed.tv_nsec != y->changed.tv_nsec) return x->changed.tv_nsec < y->changed.tv_nsec ? 1 : -1;
  return strcmp(x->name, y->name);
}

// Own names alone: sixteen digits and ".xml". The newest FEED_ENTRIES.
static size_t list(const char *dir, found *out) {
  DIR *d = opendir(dir);
  size_t count = 0;
  for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
    struct stat about;
    if (strlen(e->d_name) != 20 || strspn(e->d_name, "0123456789abcdef") != 16 || strcmp(e->d_name + 16, ".xml") != 0 ||
        fstatat(dirfd(d), e->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    found f = {.changed = about.st_mtim};
    memcpy(f.name, e->d_name, 21);
    if (count == FEED_ENTRIES) {
      qsort(out, count, sizeof *out, newest_first);
      if (newest_first(&f, &out[count - 1]) > 0) continue;
      count--;
    }
    out[count++] = f;
  }
  if (d != NULL) closedir(d);
  qsort(out, count, sizeof *out, newest_first);
  return count;
}

static xmlChar *content(const xmlNode *parent, const char *name) {
  for (xmlNode *n = parent != NULL ? parent->children : NULL; n != NULL; n = n->next)
    if (n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, xml_of(name))) return xmlNodeGetContent(n);
  return NULL;
}

static const xmlNode *first_info(const xmlNode *alert) {
  const xmlNode *n = alert != NULL ? alert->children : NULL;
  while (n != NULL && !(n->type == XML_ELEMENT_NODE && xmlStrEqual(n->name, xml_of("info")))) n = n->next;
  return n;
}

static void put(xmlTextWriter *w, const char *name, const xmlChar *text) {
  xmlTextWriterWriteElement(w, xml_of(name), text != NULL ? text : xml_of(""));
}

static void forget(entry *e) {
  xmlFree(e->id), xmlFree(e->headline), xmlFree(e->sent), xmlFree(e->status);
  *e = (entry){0};
}

static entry read_entry(const char *dir, const found *file) {
  char path[PATH_SIZE + NAME_SIZE];
  entry e = {.file = *file};
  snprintf(path, sizeof path, "%s/%.20s", dir, file->name);
  xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  const xmlNode *alert = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
  if (alert != NULL) {
    e.id = content(alert, "identifier"), e.sent = content(alert, "sent"), e.status = content(alert, "status");
    e.headline = content(first_info(alert), "headline");
  }
  xmlFreeDoc(doc);
  return e;
}

static bool same_file(const found *a, const found *b) {
  return strcmp(a->name, b->name) == 0 && a->changed.tv_sec == b->changed.tv_sec &&
         a->changed.tv_nsec == b->changed.tv_nsec;
}

// The newest files; those that were read before and have not changed are not read again.
static void refresh(wf_cap_feed *f) {
  const size_t count = list(f->dir, f->files);
  for (size_t i = 0; i < count; i++) {
    size_t k = 0;
    while (k < f->count && !same_file(&f->entries[k].file, &f->files[i])) k++;
    f->next[i] = k < f->count ? f->entries[k] : read_entry(f->dir, &f->files[i]);
    if (k < f->count) f->entries[k] = (entry){0};
  }
  for (size_t k = 0; k < f->count; k++) forget(&f->entries[k]);
  memcpy(f->entries, f->next, count * sizeof *f->next);
  f->count = count;
}

static void put_entry(xmlTextWriter *w, const entry *e) {
  if (e->id == NULL) return;  // no message
  xmlTextWriterStartElement(w, xml_of("entry"));
  put(w, "id", e->id), put(w, "title", e->headline), put(w, "updated", e->sent), put(w, "summary", e->status);
  xmlTextWriterStartElement(w, xml_of("link"));
  xmlTextWriterWriteAttribute(w, xml_of("type"), xml_of("application/cap+xml"));
  xmlTextWriterWriteAttribute(w, xml_of("href"), xml_of(e->file.name));
  xmlTextWriterEndElement(w);
  xmlTextWriterEndElement(w);
}

static void put_feed(xmlTextWriter *w, const wf_cap_feed *f, wf_time now) {
  char text[96], updated[WF_TIME_RFC3339_SIZE];
  wf_time_format(now, 0, updated);
  xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
  xmlTextWriterStartElementNS(w, NULL, xml_of("feed"), xml_of("http://www.w3.org/2005/Atom"));
  snprintf(text, sizeof text, "urn:watchfire:cap:%s", f->nation.code);
  put(w, "id", xml_of(text));
  put(w, "title", xml_of("Watchfire: released warnings"));
  put(w, "updated", xml_of(updated));
  xmlTextWriterStartElement(w, xml_of("author"));
  snprintf(text, sizeof text, "Watchfire %s", f->nation.code);
  put(w, "name", xml_of(text));
  xmlTextWriterEndElement(w);
  xmlTextWriterStartElement(w, xml_of("link"));
  xmlTextWriterWriteAttribute(w, xml_of("rel"), xml_of("self"));
  xmlTextWriterWriteAttribute(w, xml_of("href"), xml_of("/cap/"));
  xmlTextWriterEndElement(w);
  for (size_t i = 0; i < f->count; i++) put_entry(w, &f->entries[i]);
  xmlTextWriterEndDocument(w);
}

wf_cap_feed *wf_cap_feed_open(const char *dir, wf_nation nation, const wf_xml_signer *signer) {
  wf_cap_feed *f = calloc(1, sizeof *f);
  if (f == NULL) return NULL;
  snprintf(f->dir, sizeof f->dir, "%.600s", dir);
  f->nation = nation;
  f->signer = signer;
  return f;
}

void wf_cap_feed_close(wf_cap_feed *f) {
  for (size_t i = 0; f != NULL && i < f->count; i++) forget(&f->entries[i]);
  free(f);
}

wf_status wf_cap_feed_put(wf_cap_feed *f, wf_time now, char reason[WF_IO_REASON_SIZE]) {
  char path[PATH_SIZE + 16], *signed_text = NULL;
  size_t size = 0;
  xmlBuffer *buffer = xmlBufferCreate();
  xmlTextWriter *w = buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL;
  if (w == NULL) {
    xmlBufferFree(buffer);
    return WF_ENOMEM;
  }
  refresh(f);
  put_feed(w, f, now);
  xmlFreeTextWriter(w);
  const char *text = (const char *)xmlBufferContent(buffer);
  size = (size_t)xmlBufferLength(buffer);
  wf_status status = f->signer != NULL ? wf_xml_sign(f->signer, text, size, &signed_text, &size, reason) : WF_OK;
  snprintf(path, sizeof path, "%s/feed.atom", f->dir);
  if (status == WF_OK) status = put_file(path, signed_text != NULL ? signed_text : text, size, reason);
  free(signed_text);
  xmlBufferFree(buffer);
  return status;
}
