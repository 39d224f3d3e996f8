/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $secmgr(x): what was decided about this request, for the script.
 *
 *     verdict reason code user realm algorithm identity source attr=>/json/pointer      read
 *     offer                                                                              read and written
 */
#ifndef SECMGR_PV_H
#define SECMGR_PV_H

#include "../../core/pvar.h"

int secmgr_pv_parse_name(pv_spec_p spec, str *name);
int secmgr_pv_get(sip_msg_t *msg, pv_param_t *parameter, pv_value_t *value);
int secmgr_pv_set(sip_msg_t *msg, pv_param_t *parameter, int operation, pv_value_t *value);

#endif
