// The thread wakes the loop by an eventfd of its own: uv_async_send makes the loop spin until the sender is through,
// and a sender of lower real-time priority would never be.
#define _GNU_SOURCE  // gettid
#include "signer.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/ring.h"

enum { MAKE, CHECK, KINDS, TAKE_MAX = 64 };

typedef struct job {
  uint64_t token;
  uint32_t size, key_count;
  bool ok;
  uint8_t message[WF_SIGNED_MAX], signature[WF_SIGNATURE_SIZE], key[WF_PKI_KEYS_MAX][WF_PKI_KEY_SIZE];
} job;

typedef struct result {
  uint64_t token;
  bool ok;
  uint8_t signature[WF_SIGNATURE_SIZE];
} result;

struct wf_signer {
  wf_signer_config config;
  uv_thread_t thread;
  uv_mutex_t mutex;
  uv_cond_t work;
  uv_poll_t wake;
  int wake_fd;
  bool stop, started, watching;
  size_t batch;  // left of the one being signed; under the mutex, as the next two
  bool urgent;
  uint64_t next_batch_ns;
  wf_ring todo[KINDS];  // job; under the mutex
  wf_ring done[KINDS];  // result; under the mutex
  size_t open[KINDS];   // under way, of the loop's thread
};

// The loop goes ahead of those who work for it: one step lower in priority, by whatever schedule the process has.
static void step_back(void) {
  int policy = 0;
  struct sched_param p;
  if (pthread_getschedparam(pthread_self(), &policy, &p) != 0) return;
  if ((policy == SCHED_FIFO || policy == SCHED_RR) && p.sched_priority > 1) {
    p.sched_priority--;
    pthread_setschedparam(pthread_self(), policy, &p);
  } else if (policy == SCHED_OTHER) {
    setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + 2);
  }
}

static void work_on(const wf_signer *s, int kind, job *j) {
  const wf_bytes message = {j->message, j->size};
  j->ok = kind == MAKE;
  if (kind == MAKE) wf_sign(s->config.key, message, j->signature);
  for (uint32_t k = j->key_count; k-- > 0 && !j->ok;) j->ok = wf_signature_ok(j->key[k], message, j->signature);
}

// Whether a signature is to be made now; begins a batch with all that wait.
static bool make_now(wf_signer *s, uint64_t now) {
  if (s->batch == 0 && s->todo[MAKE].count > 0 && (s->urgent || now >= s->next_batch_ns)) {
    s->batch = s->todo[MAKE].count;
    s->urgent = false;
    s->next_batch_ns = now + WF_SIGNER_PACE_NS;
  }
  return s->batch > 0;
}

static void wait_for_work(wf_signer *s, uint64_t now) {
  if (s->todo[MAKE].count > 0)
    uv_cond_timedwait(&s->work, &s->mutex, s->next_batch_ns - now);
  else
    uv_cond_wait(&s->work, &s->mutex);
}

static bool take(wf_signer *s, int *kind, job *j) {
  uv_mutex_lock(&s->mutex);
  for (*kind = KINDS; !s->stop && *kind == KINDS;) {
    const uint64_t now = uv_hrtime();
    if (make_now(s, now))
      *kind = MAKE;
    else if (s->todo[CHECK].count > 0)
      *kind = CHECK;
    else
      wait_for_work(s, now);
  }
  const bool got = !s->stop && wf_ring_pop(&s->todo[*kind], j) == WF_OK;
  s->batch -= got && *kind == MAKE;
  uv_mutex_unlock(&s->mutex);
  return got;
}

static void run(void *argument) {
  wf_signer *s = argument;
  int kind;
  job j;
  step_back();
  while (take(s, &kind, &j)) {
    work_on(s, kind, &j);
    result r = {.token = j.token, .ok = j.ok};
    memcpy(r.signature, j.signature, sizeof r.signature);
    uv_mutex_lock(&s->mutex);
    wf_ring_push(&s->done[kind], &r);  // as long as all that may be under way
    uv_mutex_unlock(&s->mutex);
    eventfd_write(s->wake_fd, 1);
  }
}

static void on_done(uv_poll_t *wake, int status, int events) {
  wf_signer *s = wake->data;
  eventfd_t times;
  eventfd_read(s->wake_fd, &times);
  for (int kind = 0; kind < KINDS; kind++) {
    result batch[TAKE_MAX];
    size_t count;
    do {
      count = 0;
      uv_mutex_lock(&s->mutex);
      while (count < TAKE_MAX && wf_ring_pop(&s->done[kind], &batch[count]) == WF_OK) count++;
      uv_mutex_unlock(&s->mutex);
      s->open[kind] -= count;
      for (size_t i = 0; i < count && !s->stop; i++)
        if (kind == MAKE)
          s->config.made(s->config.context, batch[i].token, batch[i].signature);
        else
          s->config.checked(s->config.context, batch[i].token, batch[i].ok);
    } while (count == TAKE_MAX);
  }
}

static wf_status add(wf_signer *s, int kind, const job *j, bool urgent) {
  if (s->open[kind] >= s->config.jobs_max) return WF_EFULL;
  s->open[kind]++;
  uv_mutex_lock(&s->mutex);
  const wf_status status = wf_ring_push(&s->todo[kind], j);
  s->urgent = s->urgent || urgent;
  uv_cond_signal(&s->work);
  uv_mutex_unlock(&s->mutex);
  return status;
}

static bool fill(job *j, uint64_t token, wf_bytes message) {
  j->token = token;
  j->size = (uint32_t)message.size;
  j->key_count = 0;
  if (message.size > sizeof j->message) return false;
  memcpy(j->message, message.data, message.size);
  return true;
}

wf_status wf_signer_make(wf_signer *s, uint64_t token, wf_bytes message, bool urgent) {
  job j;
  return fill(&j, token, message) ? add(s, MAKE, &j, urgent) : WF_EINVAL;
}

wf_status wf_signer_check(wf_signer *s, uint64_t token, wf_bytes message, const uint8_t *signature, const uint8_t *keys,
                          uint32_t key_count) {
  job j;
  if (!fill(&j, token, message) || signature == NULL || key_count > WF_PKI_KEYS_MAX) return WF_EINVAL;
  memcpy(j.signature, signature, sizeof j.signature);
  memcpy(j.key, keys, key_count * sizeof j.key[0]);
  j.key_count = key_count;
  return add(s, CHECK, &j, false);
}

bool wf_signer_busy(const wf_signer *s) {
  return s->open[MAKE] > 0 || s->open[CHECK] > 0;
}

static bool ring_new(wf_ring *ring, size_t item_size, size_t capacity) {
  void *memory = calloc(capacity, item_size);
  if (memory != NULL) wf_ring_init(ring, memory, item_size, capacity);
  return memory != NULL;
}

wf_status wf_signer_new(const wf_signer_config *config, wf_signer **out) {
  wf_signer *s = calloc(1, sizeof *s);
  if (s == NULL) return WF_ENOMEM;
  s->config = *config;
  bool good = true;
  for (int kind = 0; kind < KINDS; kind++)
    good = ring_new(&s->todo[kind], sizeof(job), config->jobs_max) &&
           ring_new(&s->done[kind], sizeof(result), config->jobs_max) && good;
  uv_mutex_init(&s->mutex);
  uv_cond_init(&s->work);
  s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  s->wake.data = s;
  s->watching = s->wake_fd >= 0 && uv_poll_init(config->loop, &s->wake, s->wake_fd) == 0;
  if (s->watching) uv_poll_start(&s->wake, UV_READABLE, on_done);
  s->started = good && s->watching && uv_thread_create(&s->thread, run, s) == 0;
  if (s->started) {
    *out = s;
    return WF_OK;
  }
  wf_signer_free(s);
  return WF_ENOMEM;
}

static void on_closed(uv_handle_t *handle) {
  wf_signer *s = handle->data;
  if (s->wake_fd >= 0) close(s->wake_fd);
  uv_mutex_destroy(&s->mutex);
  uv_cond_destroy(&s->work);
  for (int kind = 0; kind < KINDS; kind++) {
    free(s->todo[kind].items);
    free(s->done[kind].items);
  }
  free(s);
}

void wf_signer_free(wf_signer *s) {
  if (s == NULL) return;
  uv_mutex_lock(&s->mutex);
  s->stop = true;
  uv_cond_signal(&s->work);
  uv_mutex_unlock(&s->mutex);
  if (s->started) uv_thread_join(&s->thread);
  if (s->watching)
    uv_close((uv_handle_t *)&s->wake, on_closed);
  else
    on_closed((uv_handle_t *)&s->wake);
}
