/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts: one enum, and the same words in the script, in RPC, in statistics and in the log.
 * A fault is a verdict of its own and never becomes allowed: zeroed memory says internal_fault.
 *
 * Depends on: libc.
 */
#ifndef SECMGR_ENGINE_VERDICT_H
#define SECMGR_ENGINE_VERDICT_H

#define SECMGR_VERDICTS(X)                                                                                   \
	X(INTERNAL_FAULT, internal_fault, 500, "something inside the proxy failed")                          \
	X(ALLOWED, allowed, 200, "the sender is who it says")                                                \
	X(CHALLENGED, challenged, 407, "no usable credentials: asked for them")                              \
	X(STALE, stale, 407, "the nonce is too old or of another proxy: asked again")                        \
	X(WRONG_CREDENTIALS, wrong_credentials, 407, "the response does not match the subscriber's password") \
	X(UNKNOWN_USER, unknown_user, 407, "the credential service knows no such subscriber")                \
	X(SUSPENDED_USER, suspended_user, 403, "the subscriber is suspended")                                \
	X(REPLAYED, replayed, 407, "the nonce count was used before")                                        \
	X(MALFORMED, malformed, 400, "the credentials break the grammar")                                    \
	X(WEAK_ALGORITHM, weak_algorithm, 407, "the algorithm is below the policy's floor")                  \
	X(IDENTITY_MISMATCH, identity_mismatch, 403, "the claimed identity is not the subscriber's")         \
	X(PARAMETER_REFUSED, parameter_refused, 403, "a security parameter breaks the policy")               \
	X(LOCKED, locked, 403, "the source is locked out")                                                   \
	X(EXEMPT, exempt, 200, "ACK and CANCEL are never challenged")                                        \
	X(SERVICE_UNAVAILABLE, service_unavailable, 503, "the credential service gave no usable answer")

#define SECMGR_VERDICT_ENUM(upper, lower, code, sentence) SECMGR_VERDICT_##upper,
enum secmgr_verdict
{
	SECMGR_VERDICTS(SECMGR_VERDICT_ENUM) SECMGR_VERDICT_COUNT
};
#undef SECMGR_VERDICT_ENUM

const char *secmgr_verdict_word(enum secmgr_verdict verdict);	  /* "wrong_credentials" */
const char *secmgr_verdict_sentence(enum secmgr_verdict verdict); /* for people */
/* The SIP code it is answered with where requests pass through; a challenge of our own server answers 401 for 407. */
int secmgr_verdict_code(enum secmgr_verdict verdict);

#endif
