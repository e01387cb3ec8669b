// Why something outside could not be done, as one sentence for a person.
#ifndef WF_IO_REASON_H
#define WF_IO_REASON_H

#define WF_IO_REASON_SIZE 384

#endif
