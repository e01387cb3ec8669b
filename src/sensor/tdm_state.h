// What the two notations of a TDM say, word by word: tdm_kvn.c and tdm_xml.c read, tdm.c judges.
#ifndef WF_SENSOR_TDM_STATE_H
#define WF_SENSOR_TDM_STATE_H

#include "sensor/tdm.h"

typedef enum tdm_place { TDM_BEFORE, TDM_HEADER, TDM_META, TDM_META_DONE, TDM_DATA } tdm_place;

typedef struct tdm_state {
  const wf_tdm_visitor *visitor;
  wf_ccsds_fault *fault;
  unsigned line;
  tdm_place place;
  unsigned segments;
  char version[8], originator[128], message_id[128];
  bool has_creation_date;
  wf_tdm_segment segment;
  size_t used;
  char text[WF_TDM_TEXT_MAX];
} tdm_state;

__attribute__((format(printf, 2, 3))) wf_status tdm_refuse(tdm_state *s, const char *format, ...);
wf_status tdm_version(tdm_state *s, const char *version);
wf_status tdm_header(tdm_state *s, const char *keyword, const char *value);
wf_status tdm_meta_start(tdm_state *s);
wf_status tdm_meta(tdm_state *s, const char *keyword, const char *value);
wf_status tdm_meta_stop(tdm_state *s);
wf_status tdm_data_start(tdm_state *s);
wf_status tdm_data(tdm_state *s, const char *keyword, const char *epoch, const char *value);
wf_status tdm_data_stop(tdm_state *s);
wf_status tdm_end(tdm_state *s);

wf_status tdm_read_kvn(tdm_state *s, wf_bytes text);
wf_status tdm_read_xml(tdm_state *s, wf_bytes text);

#endif
