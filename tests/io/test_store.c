// The store with a real file: group commit, restart, ranges, and what happens when the disk says no.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "io/store.h"
#include "wf_test.h"

#define BUNDLES 300

typedef struct world {
  uv_loop_t loop;
  char path[64];
  wf_store *store;
  unsigned stored_ok, stored_failed, fetched, ends, failures, damaged;
  uint64_t order[BUNDLES * 2];
} world;

static void on_stored(void *context, uint64_t token, bool ok) {
  world *w = context;
  if (ok)
    w->stored_ok++;
  else
    w->stored_failed++;
}

static void on_fetched(void *context, uint64_t token, const wf_store_bundle *bundle, bool more) {
  world *w = context;
  assert_int_equal(token, 77);
  if (!more) {
    assert_int_equal(bundle->bytes.size, 0);
    w->ends++;
    return;
  }
  w->damaged += bundle->damaged;
  w->order[w->fetched++] = strtoull((const char *)bundle->bytes.data, NULL, 10);
}

static void on_failed(void *context, const char *reason) {
  assert_true(reason[0] != '\0');
  ((world *)context)->failures++;
}

static wf_status open_as(world *w, const char *nation, char reason[WF_IO_REASON_SIZE]) {
  wf_store_config c = {.loop = &w->loop,
                       .path = w->path,
                       .mode = WF_MODE_EXERCISE,
                       .writer = 1,
                       .queue_bytes = 1 << 22,
                       .context = w,
                       .stored = on_stored,
                       .fetched = on_fetched,
                       .failed = on_failed};
  assert_int_equal(wf_nation_parse(nation, &c.nation), WF_OK);
  return wf_store_open(&c, &w->store, reason);
}

static void open_ok(world *w) {
  char reason[WF_IO_REASON_SIZE] = "";
  if (open_as(w, "JPN", reason) != WF_OK) fail_msg("%s", reason);
}

static int setup(void **state) {
  world *w = calloc(1, sizeof *w);
  uv_loop_init(&w->loop);
  snprintf(w->path, sizeof w->path, "/tmp/wf_store_%d.db", (int)getpid());
  *state = w;
  open_ok(w);
  return 0;
}

static int teardown(void **state) {
  world *w = *state;
  if (w->store != NULL) wf_store_close(w->store);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&w->loop), 0);
  char name[80];
  const char *suffix[] = {"", "-wal", "-shm", ".lock"};
  for (int i = 0; i < 4; i++) {
    snprintf(name, sizeof name, "%s%s", w->path, suffix[i]);
    unlink(name);
  }
  free(w);
  return 0;
}

static wf_stored_row row_of(uint64_t first, uint64_t last, uint64_t epoch) {
  wf_stored_row row = {.epoch = epoch, .first = first, .last = last};
  row.stream = (wf_stream_name){.mode = WF_MODE_EXERCISE, .writer = 1, .stream_class = WF_STREAM_ALERTS};
  wf_nation_parse("JPN", &row.stream.origin);
  wf_audience_parse("JPN USA", &row.stream.audience);
  memcpy(row.hash, &first, sizeof first);
  return row;
}

// Bundle n holds records 2n+1 and 2n+2; its bytes say n.
static void put_n(world *w, uint64_t n) {
  char text[32];
  const int length = snprintf(text, sizeof text, "%llu ", (unsigned long long)n);
  const wf_stored_row row = row_of(2 * n + 1, 2 * n + 2, 5);
  wf_store_put(w->store, n, &row, (wf_bytes){(uint8_t *)text, (size_t)length + 1});
}

static void put_many(world *w) {
  for (uint64_t n = 0; n < BUNDLES; n++) {
    put_n(w, n);
    if (n % 50 == 0) wf_store_submit(w->store);
  }
  wf_store_submit(w->store);
  uv_run(&w->loop, UV_RUN_DEFAULT);
}

static wf_status count_in_order(void *context, const wf_store_bundle *bundle) {
  unsigned *n = context;
  assert_false(bundle->damaged);
  assert_int_equal(strtoull((const char *)bundle->bytes.data, NULL, 10), *n);
  ++*n;
  return WF_OK;
}

static void restart_keeps_all_in_log_order(void **state) {
  world *w = *state;
  put_many(w);
  assert_int_equal(w->stored_ok, BUNDLES);
  wf_store_put_epoch(w->store, 1, 41);
  wf_store_put_epoch(w->store, 2, 40);  // never goes back
  wf_store_stats stats;
  wf_store_stats_get(w->store, &stats);
  assert_true(stats.transactions < BUNDLES / 10);     // grouped
  assert_int_equal(wf_store_close(w->store), WF_OK);  // flushes the epochs
  open_ok(w);
  assert_int_equal(wf_store_epoch(w->store), 41);
  unsigned n = 0;
  assert_int_equal(wf_store_restore(w->store, count_in_order, &n), WF_OK);
  assert_int_equal(n, BUNDLES);
}

static void same_bundle_once_and_twins_both(void **state) {
  world *w = *state;
  put_n(w, 0);
  put_n(w, 0);
  wf_stored_row twin = row_of(1, 2, 5);
  twin.hash[31] = 9;
  wf_store_put(w->store, 9, &twin, (wf_bytes){(const uint8_t *)"1", 2});
  wf_store_submit(w->store);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  assert_int_equal(w->stored_ok, 3);
  unsigned n = 0;
  assert_int_equal(wf_store_restore(w->store, count_in_order, &n), WF_OK);
  assert_int_equal(n, 2);
}

static void fetch(world *w, uint64_t epoch, uint64_t first, uint64_t last, size_t limit_bytes) {
  w->fetched = w->ends = 0;
  wf_store_range range = {
      .stream = row_of(1, 1, 1).stream, .epoch = epoch, .first = first, .last = last, .limit_bytes = limit_bytes};
  wf_store_fetch(w->store, 77, &range);
  wf_store_submit(w->store);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  assert_int_equal(w->ends, 1);
}

static void ranges_come_whole_and_ordered(void **state) {
  world *w = *state;
  put_many(w);
  fetch(w, 5, 4, 401, SIZE_MAX);  // records 4..401 are in bundles 1..200
  assert_int_equal(w->fetched, 200);
  for (unsigned i = 0; i < 200; i++) assert_int_equal(w->order[i], i + 1);
  fetch(w, 5, 4, 401, 100);  // each is 3 to 5 bytes here
  assert_in_range(w->fetched, 21, 34);
  fetch(w, 5, 4, 401, 0);
  assert_int_equal(w->fetched, 1);
  fetch(w, 5, 600, 900, SIZE_MAX);
  assert_int_equal(w->fetched, 1);
  fetch(w, 6, 1, 10, SIZE_MAX);
  assert_int_equal(w->fetched, 0);
}

static void another_nation_is_refused(void **state) {
  world *w = *state;
  wf_store_close(w->store);
  w->store = NULL;
  char reason[WF_IO_REASON_SIZE] = "";
  assert_int_equal(open_as(w, "KOR", reason), WF_EDENIED);
  assert_non_null(strstr(reason, "nation is JPN"));
  open_ok(w);
}

static void one_process_per_store(void **state) {
  world *w = *state;
  world other = *w;
  char reason[WF_IO_REASON_SIZE] = "";
  assert_int_equal(open_as(&other, "JPN", reason), WF_EEXIST);
  assert_non_null(strstr(reason, "another process"));
}

// A disk that is full: writes beyond a file size limit fail with EFBIG, in a process of its own. Nothing that was
// answered "durable" may be missing afterwards, and nothing is written after the failure.
static int full_disk_child(world *w) {
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit = {200 * 1024, 200 * 1024};
  setrlimit(RLIMIT_FSIZE, &limit);
  uv_loop_init(&w->loop);
  open_ok(w);
  static uint8_t big[4096];
  for (uint64_t n = 0; n < 200; n++) {
    snprintf((char *)big, sizeof big, "%llu ", (unsigned long long)n);
    const wf_stored_row row = row_of(n + 1, n + 1, 5);
    wf_store_put(w->store, n, &row, (wf_bytes){big, sizeof big});
    wf_store_submit(w->store);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    if (w->failures == 1 && w->stored_failed == 0) return 250;
  }
  const wf_status closed = wf_store_close(w->store);
  return w->failures == 1 && closed == WF_EIO && w->stored_ok > 5 && w->stored_failed > 5 ? (int)w->stored_ok : 251;
}

static void full_disk_fails_once_and_keeps_what_it_promised(void **state) {
  world *w = *state;
  wf_store_close(w->store);
  w->store = NULL;
  const pid_t child = fork();
  if (child == 0) {
    static world own;
    snprintf(own.path, sizeof own.path, "%s", w->path);
    _exit(full_disk_child(&own));
  }
  int status = 0;
  waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  const unsigned promised = (unsigned)WEXITSTATUS(status);
  assert_true(promised > 5 && promised < 200);
  open_ok(w);
  unsigned n = 0;
  assert_int_equal(wf_store_restore(w->store, count_in_order, &n), WF_OK);
  assert_int_equal(n, promised);
}

static void copy_file(const char *from, const char *to, off_t at_most) {
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  assert_non_null(in);
  assert_non_null(out);
  for (off_t i = 0; i < at_most; i++) {
    const int c = fgetc(in);
    if (c == EOF) break;
    fputc(c, out);
  }
  fclose(in);
  fclose(out);
}

// A crash that tore the write-ahead log anywhere: what comes back is a prefix of the log, in order, and openable.
static void torn_log_gives_a_prefix(void **state) {
  world *w = *state;
  for (uint64_t n = 0; n < 40; n++) {
    put_n(w, n);
    wf_store_submit(w->store);
    uv_run(&w->loop, UV_RUN_DEFAULT);
  }
  char wal[80], torn[sizeof w->path], torn_wal[80];
  snprintf(wal, sizeof wal, "%s-wal", w->path);
  struct stat s;
  assert_int_equal(stat(wal, &s), 0);
  unsigned last = 0;
  for (int cut = 0; cut <= 8; cut++) {
    world t = {0};
    uv_loop_init(&t.loop);
    snprintf(torn, sizeof torn, "/tmp/wf_torn_%d.db", (int)getpid());
    snprintf(torn_wal, sizeof torn_wal, "%s-wal", torn);
    copy_file(w->path, torn, 1 << 30);
    copy_file(wal, torn_wal, s.st_size * cut / 8 - (cut > 0 && cut < 8 ? 1000 : 0));
    snprintf(t.path, sizeof t.path, "%s", torn);
    open_ok(&t);
    unsigned n = 0;
    assert_int_equal(wf_store_restore(t.store, count_in_order, &n), WF_OK);
    assert_true(n >= last);
    last = n;
    wf_store_close(t.store);
    uv_loop_close(&t.loop);
    const char *suffix[] = {"", "-wal", "-shm", ".lock"};
    for (int i = 0; i < 4; i++) {
      snprintf(torn_wal, sizeof torn_wal, "%s%s", torn, suffix[i]);
      unlink(torn_wal);
    }
  }
  assert_int_equal(last, 40);
}

static void overload_is_answered(void **state) {
  world *w = *state;
  static uint8_t big[65536];
  for (uint64_t n = 0; n < 100; n++) {
    const wf_stored_row row = row_of(n + 1, n + 1, 5);
    wf_store_put(w->store, n, &row, (wf_bytes){big, sizeof big});
  }
  assert_in_range(w->stored_failed, 30, 40);  // 4 MiB of 6.4 MiB fit
  wf_store_submit(w->store);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  assert_int_equal(w->stored_ok + w->stored_failed, 100);
}

static wf_status count_damaged(void *context, const wf_store_bundle *bundle) {
  unsigned *n = context;
  *n += bundle->damaged;
  if (bundle->damaged) assert_int_equal(bundle->first, 2 * 3 + 1);
  return WF_OK;
}

static void change_behind_its_back(world *w, const char *sql) {
  sqlite3 *other = NULL;
  assert_int_equal(wf_store_close(w->store), WF_OK);
  w->store = NULL;
  assert_int_equal(sqlite3_open(w->path, &other), SQLITE_OK);
  assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(other);
  open_ok(w);
}

static void damage_is_seen_and_mended_by_writing_again(void **state) {
  world *w = *state;
  put_many(w);
  change_behind_its_back(w, "UPDATE bundle SET raw = CAST('3!' || x'00' AS BLOB) WHERE first = 7");
  unsigned damaged = 0;
  assert_int_equal(wf_store_restore(w->store, count_damaged, &damaged), WF_OK);
  assert_int_equal(damaged, 1);
  w->damaged = 0;
  fetch(w, 5, 1, 20, SIZE_MAX);
  assert_int_equal(w->damaged, 1);
  put_n(w, 3);
  wf_store_submit(w->store);
  uv_run(&w->loop, UV_RUN_DEFAULT);
  unsigned n = 0;
  assert_int_equal(wf_store_restore(w->store, count_in_order, &n), WF_OK);
  assert_int_equal(n, BUNDLES);
}

static void store_from_before_sums_opens(void **state) {
  world *w = *state;
  put_many(w);
  change_behind_its_back(w, "ALTER TABLE bundle DROP COLUMN sum");
  unsigned n = 0;
  assert_int_equal(wf_store_restore(w->store, count_in_order, &n), WF_OK);
  assert_int_equal(n, BUNDLES);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(restart_keeps_all_in_log_order),
      T(same_bundle_once_and_twins_both),
      T(ranges_come_whole_and_ordered),
      T(another_nation_is_refused),
      T(one_process_per_store),
      T(full_disk_fails_once_and_keeps_what_it_promised),
      T(torn_log_gives_a_prefix),
      T(overload_is_answered),
      T(damage_is_seen_and_mended_by_writing_again),
      T(store_from_before_sums_opens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
