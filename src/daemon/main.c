// watchfired: one nation's node. Initialise in order, then run the loop.
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "io/driver.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char HELP[] =
    "Usage: watchfired --config node.yaml [--check]\n"
    "\n"
    "Runs one nation's node: listens to its sensors, shares with its partners, keeps its log, feeds its consoles.\n"
    "\n"
    "  --config FILE  the node's configuration (docs/configuration.md)\n"
    "  --check        say what is wrong with it, with file and line, and stop\n"
    "  --help, --version\n"
    "\n"
    "SIGHUP: reads the release policy again; a bad file is told and the old policy stays.\n"
    "Ends on SIGTERM or SIGINT with everything stored. Exit status: 0 done; 1 failed while running; 2 usage or\n"
    "configuration error.\n"
    "\n"
    "Example:\n"
    "  watchfired --config /etc/watchfire/node.yaml --check\n";

typedef struct options {
  const char *config;
  bool check;
} options;

static void log_line(void *context, wf_log_level level, const char *line) {
  static const char *const NAMES[] = {"error", "warn", "info", "debug"};
  char when[WF_TIME_RFC3339_SIZE];
  if (level > *(const wf_log_level *)context) return;
  fprintf(stderr, "%s %s %s\n", wf_time_format(wf_io_clock_utc(), 3, when), NAMES[level], line);
}

static void tell(void *context, const char *file, unsigned long line, const char *what) {
  if (file != NULL && line > 0)
    fprintf(stderr, "%s:%lu: %s\n", file, line, what);
  else if (file != NULL)
    fprintf(stderr, "%s: %s\n", file, what);
  else
    fprintf(stderr, "%s\n", what);
}

// −1: go on; otherwise the exit status.
static int read_options(int argc, char **argv, options *out) {
  static const struct option LONG[] = {{"config", 1, NULL, 'c'},
                                       {"check", 0, NULL, 'k'},
                                       {"help", 0, NULL, 'h'},
                                       {"version", 0, NULL, 'v'},
                                       {NULL, 0, NULL, 0}};
  for (int letter; (letter = getopt_long(argc, argv, "c:h", LONG, NULL)) != -1;) switch (letter) {
      case 'c':
        out->config = optarg;
        break;
      case 'k':
        out->check = true;
        break;
      case 'h':
        fputs(HELP, stdout);
        return EXIT_DONE;
      case 'v':
        puts("watchfired " WF_VERSION);
        return EXIT_DONE;
      default:
        fputs("Try 'watchfired --help'.\n", stderr);
        return EXIT_USAGE;
    }
  if (out->config != NULL && optind == argc) return -1;
  fputs("watchfired: --config FILE is needed, and nothing else\nTry 'watchfired --help'.\n", stderr);
  return EXIT_USAGE;
}

static void on_signal(uv_signal_t *handle, int number) {
  uv_stop(handle->loop);
}

typedef struct running {
  wf_driver *driver;
  const char *path;
  wf_config *latest;  // read since the start; the first one stays, too
  wf_config *fresh;
  wf_diag diag;
  uv_work_t work;
  bool reading;
} running;

// Reading takes longer than partners wait for a heartbeat, so a worker does it.
static void read_again(uv_work_t *work) {
  running *r = work->data;
  r->fresh = wf_config_load(r->path, &r->diag);
  if (r->fresh != NULL) wf_config_check(r->fresh, &r->diag);
}

static void put_in_force(uv_work_t *work, int status) {
  running *r = work->data;
  r->reading = false;
  if (r->driver == NULL) {  // stopping
    wf_config_free(r->fresh);
    return;
  }
  if (r->fresh == NULL || r->diag.count > 0) {
    wf_driver_reload_refused(r->driver);
    wf_config_free(r->fresh);
    return;
  }
  const bool good = wf_driver_reload(r->driver, r->fresh, "SIGHUP", &r->diag) == WF_OK;
  wf_config_free(good ? r->latest : r->fresh);
  if (good) r->latest = r->fresh;
}

// SIGHUP: the configuration is read again. What is wrong with it is said, and then the old one stays.
static void on_hangup(uv_signal_t *handle, int number) {
  running *r = handle->data;
  if (r->reading) return;
  r->diag = (wf_diag){tell, NULL, 0};
  r->work.data = r;
  r->reading = uv_queue_work(handle->loop, &r->work, read_again, put_in_force) == 0;
}

static int run_loop(wf_driver *driver, uv_loop_t *loop, const wf_log_sink *log, const char *path) {
  running now = {.driver = driver, .path = path};
  uv_signal_t signals[3];
  const int numbers[3] = {SIGTERM, SIGINT, SIGHUP};
  for (int i = 0; i < 3; i++) {
    uv_signal_init(loop, &signals[i]);
    signals[i].data = &now;
    uv_signal_start(&signals[i], numbers[i] == SIGHUP ? on_hangup : on_signal, numbers[i]);
  }
  wf_log_write(log, WF_LOG_INFO, "running");
  uv_run(loop, UV_RUN_DEFAULT);
  wf_log_write(log, WF_LOG_INFO, "stopping");
  for (int i = 0; i < 3; i++) uv_close((uv_handle_t *)&signals[i], NULL);
  now.driver = NULL;
  const wf_status status = wf_driver_free(driver);
  uv_run(loop, UV_RUN_DEFAULT);  // what closed last
  wf_config_free(now.latest);
  wf_log_write(log, status == WF_OK ? WF_LOG_INFO : WF_LOG_ERROR,
               status == WF_OK ? "stopped, everything stored" : "stopped; not everything could be stored");
  return status == WF_OK ? EXIT_DONE : EXIT_FAILED;
}

static int run(const wf_config *config) {
  char reason[WF_IO_REASON_SIZE] = "";
  const wf_log_sink log = {log_line, (void *)(uintptr_t)&config->log_level};
  uv_loop_t loop;
  wf_driver *driver = NULL;
  uv_loop_init(&loop);
  wf_log_write(&log, WF_LOG_INFO, "watchfired " WF_VERSION " of %s, mode %s, writer %u", config->nation.code,
               wf_mode_name(config->mode), config->writer);
  int code = EXIT_FAILED;
  if (wf_driver_new(config, &loop, &log, WF_VERSION, &driver, reason) == WF_OK)
    code = run_loop(driver, &loop, &log, config->path);
  else
    wf_log_write(&log, WF_LOG_ERROR, "%s", reason);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
  return code;
}

int main(int argc, char **argv) {
  options chosen = {0};
  wf_diag diag = {tell, NULL, 0};
  const int early = read_options(argc, argv, &chosen);
  if (early >= 0) return early;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file size limit is a full disk, not an end
  wf_config *config = wf_config_load(chosen.config, &diag);
  if (config != NULL) wf_config_check(config, &diag);
  int code = diag.count > 0 ? EXIT_USAGE : EXIT_DONE;
  if (code == EXIT_DONE && chosen.check) printf("%s: in order\n", chosen.config);
  if (code == EXIT_DONE && !chosen.check) code = run(config);
  wf_config_free(config);
  return code;
}
