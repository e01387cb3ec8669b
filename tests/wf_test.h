// cmocka needs these before it, in this order; a sorted include list would break it.
#ifndef WF_TEST_H
#define WF_TEST_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#endif
