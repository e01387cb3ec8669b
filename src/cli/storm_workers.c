#include "storm_workers.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 64 };

typedef struct worker {
  pid_t pid;
  int pipe;       // its outcomes
  uint64_t seed;  // under way
} worker;

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

// ---- In the worker --------------------------------------------------------------------------------------------------

static void write_report(storm_outcome *o, wf_storm_plan *plan, bool shrink) {
  size_t at = 0;
  char text[112];
  const size_t size = sizeof o->report;
  at += (size_t)snprintf(o->report, size,
                         "seed %llu failed: %s\n  repeat with: watchfire storm --from %llu --seeds 1 --shrink\n",
                         (unsigned long long)o->seed, o->result.why, (unsigned long long)o->seed);
  if (!shrink) return;
  wf_storm_shrink(plan);
  wf_storm_result last;
  wf_storm_run(plan, &last);
  at += (size_t)snprintf(o->report + at, size - at, "  shortest fault list, %u nations, %s: %s\n", plan->nodes,
                         plan->bare ? "bare exchanges" : "whole nodes", last.why);
  for (size_t i = 0; i < plan->fault_count && at < size; i++)
    at += (size_t)snprintf(o->report + at, size - at, "    %s\n",
                           wf_storm_fault_text(&plan->fault[i], text, sizeof text));
}

static bool send_all(int pipe, const void *data, size_t size) {
  for (const uint8_t *at = data; size > 0;) {
    const ssize_t n = write(pipe, at, size);
    if (n <= 0) return false;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

static void work(const storm_job *job, unsigned number, int pipe) {
  signal(SIGINT, SIG_IGN);  // the parent ends this process
  // Nodes come and go by the dozen, each with buffers it hardly touches: fresh pages cost less than clearing used ones.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  for (uint64_t seed = job->from + number; job->seeds == 0 || seed < job->from + job->seeds; seed += job->workers) {
    static storm_outcome o;
    wf_storm_plan plan;
    memset(&o, 0, sizeof o);
    o.seed = seed;
    wf_storm_plan_from_seed(seed, &plan);
    if (wf_storm_run(&plan, &o.result) != WF_OK) {
      o.result.failed = true;
      snprintf(o.result.why, sizeof o.result.why, "0: out of memory");
    }
    if (o.result.failed) write_report(&o, &plan, job->shrink);
    if (!send_all(pipe, &o, sizeof o)) break;
  }
  _exit(0);
}

// ---- In the parent
// ----------------------------------------------------------------------------------------------------

static bool start(const storm_job *job, unsigned number, worker *w) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    work(job, number, ends[1]);
  }
  close(ends[1]);
  *w = (worker){pid, ends[0], job->from + number};
  return pid > 0;
}

static bool receive_all(int pipe, void *data, size_t size) {
  for (uint8_t *at = data; size > 0;) {
    const ssize_t n = read(pipe, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

static bool has_more(const storm_job *job, const worker *w) {
  return job->seeds == 0 || w->seed < job->from + job->seeds;
}

// One outcome, or the end of the worker. True when the storm is to end.
static bool hear(const storm_job *job, worker *w, storm_take *take, void *context) {
  static storm_outcome o;
  if (!receive_all(w->pipe, &o, sizeof o)) {
    close(w->pipe);
    w->pipe = -1;
    if (!has_more(job, w)) return false;
    memset(&o, 0, sizeof o);
    o.seed = w->seed;
    o.died = o.result.failed = true;
    snprintf(o.report, sizeof o.report, "seed %llu failed: 0: the program itself died of it\n",
             (unsigned long long)w->seed);
  } else {
    w->seed += job->workers;
  }
  take(context, &o);
  return o.result.failed && job->until_failure;
}

static void listen_to(const storm_job *job, worker *workers, storm_take *take, void *context) {
  for (unsigned open = job->workers; open > 0 && !interrupted;) {
    struct pollfd wait[WORKERS_MAX];
    for (unsigned i = 0; i < job->workers; i++) wait[i] = (struct pollfd){.fd = workers[i].pipe, .events = POLLIN};
    if (poll(wait, job->workers, -1) < 0) continue;
    open = 0;
    for (unsigned i = 0; i < job->workers; i++) {
      if (wait[i].revents != 0 && hear(job, &workers[i], take, context)) return;
      open += workers[i].pipe >= 0;
    }
  }
}

bool storm_workers_run(const storm_job *given, storm_take *take, void *context) {
  storm_job job = *given;
  worker workers[WORKERS_MAX];
  if (job.workers > WORKERS_MAX) job.workers = WORKERS_MAX;
  struct sigaction action = {.sa_handler = on_interrupt};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  unsigned started = 0;
  while (started < job.workers && start(&job, started, &workers[started])) started++;
  if (started == job.workers) listen_to(&job, workers, take, context);
  for (unsigned i = 0; i < started; i++) {
    kill(workers[i].pid, SIGKILL);
    waitpid(workers[i].pid, NULL, 0);
    if (workers[i].pipe >= 0) close(workers[i].pipe);
  }
  return started == job.workers;
}
