#include "cap.h"

#include <dirent.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"

typedef struct entry {
  char name[128];
  int64_t changed_s;
} entry;

static bool name_is_plain(const char *name) {
  size_t size = strlen(name);
  if (size < 5 || size >= sizeof((entry *)0)->name || name[0] == '.' || strcmp(name + size - 4, ".xml") != 0)
    return false;
  static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return strspn(name, set) == size;
}

static char *read_named(int directory, const char *name);

char *wf_gateway_cap_read(int directory, const char *name) {
  return name_is_plain(name) ? read_named(directory, name) : NULL;
}

static char *read_named(int directory, const char *name) {
  int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return NULL;
  struct stat about;
  char *body = NULL;
  if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= 0 && about.st_size < WF_GATEWAY_CAP_SIZE)
    body = malloc((size_t)about.st_size + 1);
  size_t at = 0;
  while (body && at < (size_t)about.st_size) {
    ssize_t got = read(file, body + at, (size_t)about.st_size - at);
    if (got <= 0) break;
    at += (size_t)got;
  }
  if (body) body[at] = 0;
  close(file);
  return body;
}

static int newest_first(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->changed_s != y->changed_s) return x->changed_s < y->changed_s ? 1 : -1;
  return strcmp(y->name, x->name);
}

// All plain names, newest first; at most `cap` of them, the newest of which are kept.
static size_t list(int directory, entry *out, size_t cap) {
  int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = own >= 0 ? fdopendir(own) : NULL;
  if (!dir) return own >= 0 ? (size_t)close(own) : 0;
  size_t count = 0;
  for (struct dirent *found; (found = readdir(dir));) {
    struct stat about;
    if (!name_is_plain(found->d_name) || fstatat(directory, found->d_name, &about, AT_SYMLINK_NOFOLLOW) ||
        !S_ISREG(about.st_mode))
      continue;
    if (count == cap) {
      qsort(out, count, sizeof *out, newest_first);
      if (about.st_mtime <= out[--count].changed_s) {
        count++;
        continue;
      }
    }
    memcpy(out[count].name, found->d_name, strlen(found->d_name) + 1);  // fits: name_is_plain
    out[count++].changed_s = about.st_mtime;
  }
  closedir(dir);
  qsort(out, count, sizeof *out, newest_first);
  return count;
}

// ---- Text that grows, with XML escapes ---------------------------------------------------------------------------
typedef struct page {
  char *text;
  size_t size, capacity;
  bool failed;
} page;

static void add(page *p, const char *text, size_t size) {
  if (p->failed) return;
  if (p->size + size + 1 > p->capacity) {
    size_t capacity = (p->size + size + 1) * 2;
    char *grown = realloc(p->text, capacity);
    p->failed = !grown;
    if (!grown) return;
    p->text = grown;
    p->capacity = capacity;
  }
  memcpy(p->text + p->size, text, size);
  p->size += size;
  p->text[p->size] = 0;
}

static void put(page *p, const char *text) {
  add(p, text, strlen(text));
}

static void put_escaped(page *p, const char *text) {
  for (; *text; text++) {
    switch (*text) {
      case '<':
        put(p, "&lt;");
        break;
      case '>':
        put(p, "&gt;");
        break;
      case '&':
        put(p, "&amp;");
        break;
      case '"':
        put(p, "&quot;");
        break;
      default:
        add(p, text, 1);
    }
  }
}

static void put_element(page *p, const char *name, const char *text) {
  put(p, "<"), put(p, name), put(p, ">");
  put_escaped(p, text);
  put(p, "</"), put(p, name), put(p, ">");
}

// ---- Entries -----------------------------------------------------------------------------------------------------
static const xmlNode *child(const xmlNode *parent, const char *name) {
  for (const xmlNode *node = parent ? parent->children : NULL; node; node = node->next)
    if (node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0) return node;
  return NULL;
}

static void copy_child(const xmlNode *parent, const char *name, char *out, size_t size) {
  xmlChar *text = xmlNodeGetContent(child(parent, name));
  int length = snprintf(out, size, "%s", text ? (const char *)text : "");
  xmlFree(text);
  if (length < (int)size) return;
  size_t end = size - 1;  // cut between characters, not inside one
  while (end > 0 && (out[end - 1] & 0xC0) == 0x80) end--;
  if (end > 0) out[end - 1] = 0;
}

static void put_entry(page *p, const char *name, const char *xml, int64_t changed_s) {
  xmlDoc *doc =
      xmlReadMemory(xml, (int)strlen(xml), name, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  const xmlNode *alert = doc ? xmlDocGetRootElement(doc) : NULL;
  char id[256] = "", headline[256] = "", status[32] = "", sent[40] = "", updated[WF_TIME_RFC3339_SIZE];
  if (alert) {
    copy_child(alert, "identifier", id, sizeof id);
    copy_child(alert, "status", status, sizeof status);
    copy_child(alert, "sent", sent, sizeof sent);
    copy_child(child(alert, "info"), "headline", headline, sizeof headline);
  }
  xmlFreeDoc(doc);
  wf_time_format((wf_time){changed_s * WF_NS_PER_S}, 0, updated);
  put(p, "<entry>");
  put_element(p, "id", id[0] ? id : name);
  put_element(p, "title", headline[0] ? headline : name);
  put_element(p, "updated", sent[0] ? sent : updated);
  put_element(p, "summary", status);
  put(p, "<link type=\"application/cap+xml\" href=\""), put_escaped(p, name), put(p, "\"/></entry>\n");
}

char *wf_gateway_cap_feed(int directory, int64_t now_s) {
  char *made = read_named(directory, "feed.atom");  // the node's own, signed; passed on to the byte
  if (made != NULL) return made;
  entry *entries = calloc(WF_GATEWAY_CAP_MAX, sizeof *entries);
  if (!entries) return NULL;
  size_t count = list(directory, entries, WF_GATEWAY_CAP_MAX);
  page p = {0};
  char updated[WF_TIME_RFC3339_SIZE];
  wf_time_format((wf_time){(count ? entries[0].changed_s : now_s) * WF_NS_PER_S}, 0, updated);
  put(&p, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
  put(&p,
      "<id>urn:watchfire:cap</id><title>Watchfire: released warnings</title><author><name>Watchfire</name></author>");
  put_element(&p, "updated", updated);
  put(&p, "<link rel=\"self\" href=\"/cap/\"/>\n");
  for (size_t i = 0; i < count; i++) {
    char *xml = wf_gateway_cap_read(directory, entries[i].name);
    if (xml) put_entry(&p, entries[i].name, xml, entries[i].changed_s);
    free(xml);
  }
  put(&p, "</feed>\n");
  free(entries);
  if (p.failed) free(p.text), p.text = NULL;
  return p.text;
}
