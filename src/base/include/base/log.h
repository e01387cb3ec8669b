// Logging is an effect too: the core hands lines to a sink the driver sets; without one they are dropped.
// (wf_log is the logarithm, in base/fmath.h.)
#ifndef WF_BASE_LOG_H
#define WF_BASE_LOG_H

typedef enum wf_log_level { WF_LOG_ERROR, WF_LOG_WARN, WF_LOG_INFO, WF_LOG_DEBUG } wf_log_level;

typedef struct wf_log_sink {
  void (*write)(void *context, wf_log_level level, const char *line);
  void *context;
} wf_log_sink;

__attribute__((format(printf, 3, 4))) void wf_log_write(const wf_log_sink *sink, wf_log_level level, const char *format,
                                                        ...);

#endif
