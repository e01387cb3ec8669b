// Starting and stopping a nation's processes. Their output goes to DIR/<nation>/*.log.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nation.h"

enum { STOP_TRIES = 100, LOG_TAIL = 2000 };

// Beside this program when installed; in the build tree, in its own room's folder.
static bool find_program(const char *name, const char *room, char out[PATH_MAX]) {
  char self[PATH_MAX - 64];
  const ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
  if (size <= 0) return false;
  self[size] = '\0';
  *strrchr(self, '/') = '\0';
  snprintf(out, PATH_MAX, "%s/%s", self, name);
  if (access(out, X_OK) == 0) return true;
  snprintf(out, PATH_MAX, "%s/../%s/%s", self, room, name);
  if (access(out, X_OK) == 0) return true;
  fprintf(stderr, "watchfire demo: %s is neither beside this program nor built\n", name);
  return false;
}

static pid_t spawn(const demo_nation *n, const char *log_name, char *const argv[]) {
  char log[700];
  snprintf(log, sizeof log, "%s/%s", n->dir, log_name);
  const pid_t pid = fork();
  if (pid < 0) fprintf(stderr, "watchfire demo: fork: %s\n", strerror(errno));
  if (pid != 0) return pid;
  const int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644), in = open("/dev/null", O_RDONLY);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // nothing outlives the demo
  setpgid(0, 0);                     // Ctrl-C is for the demo, which stops its daemons in order
  execv(argv[0], argv);
  fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

bool demo_nation_start_daemon(demo_nation *n) {
  char program[PATH_MAX];
  if (!find_program("watchfired", "daemon", program)) return false;
  char *argv[] = {program, (char[]){"--config"}, n->config, NULL};
  n->daemon = spawn(n, "watchfired.log", argv);
  return n->daemon > 0;
}

bool demo_nation_start_player(demo_nation *n) {
  char program[PATH_MAX], recordings[700];
  const ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
  if (size <= 0) return false;
  program[size] = '\0';
  snprintf(recordings, sizeof recordings, "%s/recordings", n->dir);
  char *argv[] = {program, (char[]){"replay"}, (char[]){"--serve"}, recordings, (char[]){"--feed"}, n->replay, NULL};
  n->player = spawn(n, "player.log", argv);
  return n->player > 0;
}

bool demo_nation_start_gateway(demo_nation *n, const demo_nation *all, size_t count, const char *exercise) {
  char program[PATH_MAX], listen[64], peers[512] = "", cap[600], control[108];
  if (!find_program("watchfire-gateway", "gateway", program)) return false;
  snprintf(listen, sizeof listen, "127.0.0.1:%d", n->console_port);
  snprintf(cap, sizeof cap, "%s/cap", n->dir);
  for (size_t i = 0, at = 0; i < count; i++)
    at += (size_t)snprintf(peers + at, sizeof peers - at, "%s%s=http://127.0.0.1:%d", i > 0 ? "," : "", all[i].code,
                           all[i].console_port);
  snprintf(control, sizeof control, "%s", exercise);
  demo_make_dir(cap);
  char *argv[] = {program, (char[]){"--feed"},
                  n->feed, (char[]){"--listen"},
                  listen,  (char[]){"--cap-dir"},
                  cap,     (char[]){"--peers"},
                  peers,   (char[]){"--replay"},
                  n->replay, (char[]){"--exercise"},
                  control, NULL};
  n->gateway = spawn(n, "gateway.log", argv);
  return n->gateway > 0;
}

static void reap(pid_t *pid, int signal_number) {
  if (*pid <= 0) return;
  kill(*pid, signal_number);
  for (int i = 0; i < STOP_TRIES; i++) {
    if (waitpid(*pid, NULL, WNOHANG) != 0) {
      *pid = 0;
      return;
    }
    nanosleep(&(struct timespec){0, 50000000}, NULL);
  }
  kill(*pid, SIGKILL);
  waitpid(*pid, NULL, 0);
  *pid = 0;
}

void demo_nation_kill_daemon(demo_nation *n) {
  reap(&n->daemon, SIGKILL);
}

void demo_nation_stop(demo_nation *n) {
  reap(&n->gateway, SIGTERM);
  reap(&n->player, SIGTERM);
  reap(&n->daemon, SIGTERM);
}

static void show_log_tail(const demo_nation *n, const char *log_name) {
  char path[700], tail[LOG_TAIL + 1];
  snprintf(path, sizeof path, "%s/%s", n->dir, log_name);
  FILE *f = fopen(path, "rb");
  if (f == NULL) return;
  fseek(f, 0, SEEK_END);
  const long size = ftell(f);
  fseek(f, size > LOG_TAIL ? size - LOG_TAIL : 0, SEEK_SET);
  tail[fread(tail, 1, LOG_TAIL, f)] = '\0';
  fclose(f);
  fprintf(stderr, "%s ends with:\n%s\n", path, tail);
}

static bool still_runs(demo_nation *n, pid_t *pid, const char *name, const char *log_name) {
  int status = 0;
  if (*pid <= 0 || waitpid(*pid, &status, WNOHANG) == 0) return true;
  *pid = 0;
  fprintf(stderr, "watchfire demo: %s's %s ended by itself (%s %d)\n", n->code, name,
          WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  show_log_tail(n, log_name);
  return false;
}

bool demo_nation_alive(demo_nation *n) {
  const bool daemon = still_runs(n, &n->daemon, "watchfired", "watchfired.log");
  return still_runs(n, &n->gateway, "gateway", "gateway.log") && daemon;
}
