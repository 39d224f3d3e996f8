/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receiving side's functions. Each drives the engine's flow with events and performs its actions.
 */
#ifndef SECMGR_RECEIVE_H
#define SECMGR_RECEIVE_H

#include "secmgr_core.h"

int secmgr_receive_init(void); /* in mod_init; -1 after saying why */

/* The functions of the native script: realm and route as fixed up at start. */
int secmgr_receive_w_authorize(sip_msg_t *msg, char *realm, char *route);
int secmgr_receive_w_verify(sip_msg_t *msg, char *realm, char *route);
int secmgr_receive_w_challenge(sip_msg_t *msg, char *realm, char *kind);
int secmgr_receive_w_reject(sip_msg_t *msg, char *unused1, char *unused2);
int secmgr_receive_fixup_realm_and_route(void **parameter, int number);
int secmgr_receive_fixup_challenge(void **parameter, int number);

/* The same for KEMI, where a route is a function's name. */
int secmgr_receive_ki_authorize(sip_msg_t *msg, str *realm, str *function);
int secmgr_receive_ki_verify(sip_msg_t *msg, str *realm, str *function);
int secmgr_receive_ki_challenge(sip_msg_t *msg, str *realm);
int secmgr_receive_ki_challenge_as(sip_msg_t *msg, str *realm, str *kind);
int secmgr_receive_ki_reject(sip_msg_t *msg);

#endif
