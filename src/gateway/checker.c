#include "checker.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

typedef enum job_state { FREE = 0, QUEUED, RUNNING, DONE } job_state;

struct wf_gateway_checker {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t more;
  bool stop;
  uint64_t count;
  struct job {
    job_state state;
    uint64_t number;  // the lowest goes first
    wf_gateway_check check;
  } job[WF_GATEWAY_CHECKS_MAX];
};

static struct job *oldest(wf_gateway_checker *c, job_state state) {
  struct job *found = NULL;
  for (size_t i = 0; i < WF_GATEWAY_CHECKS_MAX; i++)
    if (c->job[i].state == state && (!found || c->job[i].number < found->number)) found = &c->job[i];
  return found;
}

static void *work(void *context) {
  wf_gateway_checker *c = context;
  pthread_mutex_lock(&c->lock);
  while (!c->stop) {
    struct job *job = oldest(c, QUEUED);
    if (!job) {
      pthread_cond_wait(&c->more, &c->lock);
      continue;
    }
    job->state = RUNNING;
    pthread_mutex_unlock(&c->lock);
    const bool ok = wf_account_password_ok(job->check.hash, job->check.password);
    pthread_mutex_lock(&c->lock);
    job->check.ok = ok;
    job->state = DONE;
  }
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

wf_gateway_checker *wf_gateway_checker_new(void) {
  wf_gateway_checker *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->more, NULL);
  if (pthread_create(&c->thread, NULL, work, c) == 0) return c;
  free(c);
  return NULL;
}

void wf_gateway_checker_free(wf_gateway_checker *c) {
  if (!c) return;
  pthread_mutex_lock(&c->lock);
  c->stop = true;
  pthread_cond_signal(&c->more);
  pthread_mutex_unlock(&c->lock);
  pthread_join(c->thread, NULL);
  sodium_memzero(c, sizeof *c);
  free(c);
}

bool wf_gateway_checker_put(void *context, const wf_gateway_check *check) {
  wf_gateway_checker *c = context;
  pthread_mutex_lock(&c->lock);
  struct job *job = oldest(c, FREE);
  if (job) {
    job->check = *check;
    job->number = ++c->count;
    job->state = QUEUED;
    pthread_cond_signal(&c->more);
  }
  pthread_mutex_unlock(&c->lock);
  return job != NULL;
}

bool wf_gateway_checker_get(wf_gateway_checker *c, wf_gateway_check *out) {
  pthread_mutex_lock(&c->lock);
  struct job *job = oldest(c, DONE);
  if (job) {
    *out = job->check;
    sodium_memzero(job, sizeof *job);
  }
  pthread_mutex_unlock(&c->lock);
  return job != NULL;
}

void wf_gateway_checker_forget(wf_gateway_checker *c, const void *connection) {
  pthread_mutex_lock(&c->lock);
  for (size_t i = 0; i < WF_GATEWAY_CHECKS_MAX; i++)
    if (c->job[i].state != FREE && c->job[i].check.connection == connection) c->job[i].check.connection = NULL;
  pthread_mutex_unlock(&c->lock);
}
