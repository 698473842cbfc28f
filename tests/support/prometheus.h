// SPDX-License-Identifier: Apache-2.0
// A strict reader of Prometheus' text format 0.0.4, stricter than the format: every family has a
// help and a type before its samples, stands there whole and once, and follows the conventions of
// names; every histogram adds up.
#ifndef LMM_TESTS_PROMETHEUS_H
#define LMM_TESTS_PROMETHEUS_H

// Reads the whole text; the former one's samples are forgotten. What is wrong with it, or NULL.
const char *prometheus_fault(const char *text);
// The same; anything wrong fails the case.
void prometheus_read(const char *text);
// The value of a sample by its name and labels as they stand there, `up{a="b"}`; fails without it.
double prometheus_value(const char *sample);
// The sum of a family's samples whose text holds `part`; 0 without any.
double prometheus_sum(const char *family, const char *part);

#endif
