/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dead_resolver.h"

#include <netdb.h>
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_dead;
static unsigned waiting;

void dead_resolver_die(void)
{
	pthread_mutex_lock(&mutex);
	is_dead = true;
	pthread_mutex_unlock(&mutex);
}

void dead_resolver_come_back(void)
{
	pthread_mutex_lock(&mutex);
	is_dead = false;
	pthread_cond_broadcast(&changed);
	while(waiting > 0)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

bool dead_resolver_is_asked(void)
{
	bool is_asked;

	pthread_mutex_lock(&mutex);
	is_asked = waiting > 0;
	pthread_mutex_unlock(&mutex);
	return is_asked;
}

int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
		struct addrinfo **restrict found)
{
	(void)name, (void)service, (void)hints, (void)found;
	pthread_mutex_lock(&mutex);
	waiting++;
	while(is_dead)
		pthread_cond_wait(&changed, &mutex);
	waiting--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	return EAI_NONAME;
}
