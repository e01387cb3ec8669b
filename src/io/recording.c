#include "io/recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, PATH_SIZE = 1024, FILES_MOST = 4096 };

struct wf_recording {
  FILE *file;
  wf_journal *journal;
  bool failed;
  char buffer[BUFFER];
};

static bool write_out(void *context, wf_bytes bytes) {
  wf_recording *r = context;
  r->failed = r->failed || fwrite(bytes.data, 1, bytes.size, r->file) != bytes.size;
  return !r->failed;
}

static wf_status failed(char reason[WF_IO_REASON_SIZE], const char *path) {
  snprintf(reason, WF_IO_REASON_SIZE, "%.200s: %.80s", path, strerror(errno));
  return WF_EIO;
}

wf_status wf_recording_create(const char *path, uint64_t bytes_max, const char *version, wf_recording **out,
                              char reason[WF_IO_REASON_SIZE]) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed(reason, path);
  wf_recording *r = calloc(1, sizeof *r);
  FILE *file = r != NULL ? fdopen(fd, "wb") : NULL;
  if (file == NULL) {
    close(fd);
    free(r);
    snprintf(reason, WF_IO_REASON_SIZE, "out of memory");
    return WF_ENOMEM;
  }
  r->file = file;
  setvbuf(file, r->buffer, _IOFBF, sizeof r->buffer);
  const wf_journal_config config = {.context = r, .write = write_out, .bytes_max = bytes_max, .version = version};
  r->journal = wf_journal_new(&config);
  if (r->journal == NULL) {
    fclose(file);
    free(r);
    snprintf(reason, WF_IO_REASON_SIZE, "out of memory");
    return WF_ENOMEM;
  }
  *out = r;
  return WF_OK;
}

wf_journal *wf_recording_journal(wf_recording *r) {
  return r->journal;
}

void wf_recording_flush(wf_recording *r) {
  r->failed = fflush(r->file) != 0 || r->failed;
}

wf_status wf_recording_close(wf_recording *r) {
  if (r == NULL) return WF_OK;
  wf_journal_free(r->journal);
  const bool ok = fclose(r->file) == 0 && !r->failed;
  free(r);
  return ok ? WF_OK : WF_EIO;
}

// ---- Room for a new one -----------------------------------------------------------------------------------------
typedef struct old {
  char name[256];
  uint64_t bytes;
} old;

static int by_name(const void *a, const void *b) {
  return strcmp(((const old *)a)->name, ((const old *)b)->name);
}

static bool is_recording(const char *name) {
  const size_t length = strlen(name), suffix = strlen(WF_RECORDING_SUFFIX);
  return length > suffix && strcmp(name + length - suffix, WF_RECORDING_SUFFIX) == 0;
}

static size_t list(const char *dir, old *out) {
  DIR *d = opendir(dir);
  size_t count = 0;
  for (struct dirent *e; d != NULL && count < FILES_MOST && (e = readdir(d)) != NULL;) {
    char path[PATH_SIZE];
    struct stat s;
    if (!is_recording(e->d_name) || strlen(e->d_name) >= sizeof out->name) continue;
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    if (stat(path, &s) != 0) continue;
    strcpy(out[count].name, e->d_name);
    out[count++].bytes = (uint64_t)s.st_size;
  }
  if (d != NULL) closedir(d);
  qsort(out, count, sizeof *out, by_name);  // names begin with the time
  return count;
}

static void make_room(const char *dir, uint64_t bytes_max, uint64_t bytes_all) {
  old *files = calloc(FILES_MOST, sizeof *files);
  if (files == NULL || bytes_all == 0) {
    free(files);
    return;
  }
  const size_t count = list(dir, files);
  uint64_t total = bytes_max;
  for (size_t i = 0; i < count; i++) total += files[i].bytes;
  for (size_t i = 0; i < count && total > bytes_all; i++) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
    if (unlink(path) == 0) total -= files[i].bytes;
  }
  free(files);
}

wf_status wf_recording_start(const char *dir, wf_nation nation, wf_time now, uint64_t bytes_max, uint64_t bytes_all,
                             const char *version, wf_recording **out, char reason[WF_IO_REASON_SIZE]) {
  char path[PATH_SIZE], when[WF_TIME_RFC3339_SIZE];
  if (mkdir(dir, 0700) != 0 && errno != EEXIST) return failed(reason, dir);
  make_room(dir, bytes_max, bytes_all);
  wf_time_format(now, 3, when);
  for (char *c = when; *c != '\0'; c++)
    if (*c == ':') *c = '-';
  if (snprintf(path, sizeof path, "%s/%s-%s%s", dir, when, nation.code, WF_RECORDING_SUFFIX) >= (int)sizeof path) {
    snprintf(reason, WF_IO_REASON_SIZE, "the path is too long");
    return WF_EINVAL;
  }
  return wf_recording_create(path, bytes_max, version, out, reason);
}

// ---- Reading ----------------------------------------------------------------------------------------------------
wf_status wf_recording_map(const char *path, wf_bytes *out, char reason[WF_IO_REASON_SIZE]) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat s;
  if (fd < 0 || fstat(fd, &s) != 0 || s.st_size == 0) {
    if (fd >= 0 && errno == 0) errno = ENODATA;
    failed(reason, path);
    if (fd >= 0) close(fd);
    return WF_EIO;
  }
  void *at = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  const bool ok = at != MAP_FAILED;
  if (!ok) failed(reason, path);
  close(fd);
  *out = (wf_bytes){ok ? at : NULL, ok ? (size_t)s.st_size : 0};
  return ok ? WF_OK : WF_EIO;
}

void wf_recording_unmap(wf_bytes bytes) {
  void *at;
  memcpy(&at, &bytes.data, sizeof at);
  if (at != NULL) munmap(at, bytes.size);
}
