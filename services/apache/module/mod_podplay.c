/* What Apache's own directives cannot express: two rules of the sites here, and the answers to
 * certificate authorities (PodplayChallenges) in challenges.c.
 *
 * PodplaySites FOLDER: a site is a folder of FOLDER. A file of a site is served only when it lies in
 * the site's folder after all symbolic links are followed, and no part of its name there begins with
 * a dot (but .well-known). The file is opened first and judged then, and what was judged is what is
 * served: so links that change meanwhile change nothing.
 *
 * PodplaySlowClients NUMBER: when more connections than that occupy a thread of a process, the
 * slowest of those that wait for their client is closed, so that a thread is left for the next one.
 * The octets in each second decide, not the address: behind a port forward all clients may have the
 * same one. */
#include <httpd.h>

#include <apr_portable.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <fcntl.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mpm_common.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "challenges.h"

APLOG_USE_MODULE(podplay);

/* --- settings, of the main server --- */

static const char *sites_folder;
static int slow_limit;

static const char *set_sites(cmd_parms *cmd, void *dummy, const char *value) {
  (void)dummy;
  sites_folder = ap_make_full_path(cmd->pool, value, "");
  return NULL;
}

static const char *set_slow_limit(cmd_parms *cmd, void *dummy, const char *value) {
  (void)cmd;
  (void)dummy;
  slow_limit = atoi(value);
  return slow_limit > 0 ? NULL : "PodplaySlowClients takes a number above 0";
}

static const char *set_challenges(cmd_parms *cmd, void *dummy, const char *value) {
  (void)dummy;
  challenges_folder = apr_pstrdup(cmd->pool, value);
  return NULL;
}

static const command_rec commands[] = {
    AP_INIT_TAKE1("PodplaySites", set_sites, NULL, RSRC_CONF, "the folder of all sites' folders"),
    AP_INIT_TAKE1("PodplaySlowClients", set_slow_limit, NULL, RSRC_CONF,
                  "connections with a thread in a process, from which the slowest is closed"),
    AP_INIT_TAKE1("PodplayChallenges", set_challenges, NULL, RSRC_CONF,
                  "the folder with answers to certificate authorities"),
    {0}};

/* --- files --- */

static int has_hidden_part(const char *path) {
  for (const char *part = path; part != NULL; part = strchr(part, '/')) {
    part += *part == '/';
    if (*part == '.' && strncmp(part, ".well-known/", 12) != 0) {
      return 1;
    }
  }
  return 0;
}

static apr_status_t close_file(void *data) {
  close((int)(apr_uintptr_t)data);
  return APR_SUCCESS;
}

/* Runs before the handlers, when the type of the file is known by its name. */
static int confine_file(request_rec *r) {
  if (sites_folder == NULL || r->filename == NULL) {
    return DECLINED;
  }
  const size_t length = strlen(sites_folder);
  if (strncmp(r->filename, sites_folder, length) != 0 || r->finfo.filetype == APR_DIR ||
      r->finfo.filetype == APR_NOFILE) {
    return DECLINED;
  }
  /* Opening a pipe or a device could wait for long. */
  if (r->finfo.filetype != APR_REG) {
    return HTTP_FORBIDDEN;
  }
  const char *end_of_site = strchr(r->filename + length, '/');
  if (end_of_site == NULL) {
    return HTTP_FORBIDDEN;
  }
  const size_t site = (size_t)(end_of_site + 1 - r->filename);
  const int file = open(r->filename, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) {
    return errno == ENOENT || errno == ENOTDIR ? HTTP_NOT_FOUND : HTTP_FORBIDDEN;
  }
  apr_pool_cleanup_register(r->pool, (void *)(apr_uintptr_t)file, close_file,
                            apr_pool_cleanup_null);
  char *const opened = apr_psprintf(r->pool, "/proc/self/fd/%d", file);
  char real[PATH_MAX + 1];
  const ssize_t count = readlink(opened, real, sizeof real - 1);
  if (count <= 0) {
    return HTTP_FORBIDDEN;
  }
  real[count] = '\0';
  struct stat info;
  if (strncmp(real, r->filename, site) != 0 || has_hidden_part(real + site) ||
      fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "not served: %s leads to %s", r->filename, real);
    return HTTP_FORBIDDEN;
  }
  /* From here on the name is that of the open file, which no change of links can move. */
  const apr_status_t found = apr_stat(&r->finfo, opened, APR_FINFO_MIN | APR_FINFO_OWNER, r->pool);
  if (found != APR_SUCCESS) {
    return HTTP_FORBIDDEN;
  }
  r->filename = opened;
  return DECLINED;
}

/* --- slow clients --- */

/* A connection of this process. Guarded by the mutex. */
struct client {
  struct client *next;
  struct client *previous;
  conn_rec *connection;
  int socket;
  /* Whether it occupies a thread, and since when. */
  int has_thread;
  apr_time_t since;
  apr_uint64_t octets;
  /* Since when its thread waits in a read or a write; 0 when it does not. */
  apr_time_t waits_since;
  int closed;
};

static apr_thread_mutex_t *mutex;
static struct client *clients;
static int with_thread;

static void start_process(apr_pool_t *pool, server_rec *s) {
  (void)s;
  clients = NULL;
  with_thread = 0;
  apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

static struct client *client_of(conn_rec *c) {
  return ap_get_module_config(c->conn_config, &podplay_module);
}

static void set_thread(struct client *client, int has_thread) {
  with_thread += has_thread - client->has_thread;
  client->has_thread = has_thread;
  client->since = apr_time_now();
  client->octets = 0;
}

static apr_status_t forget(void *data) {
  struct client *client = data;
  apr_thread_mutex_lock(mutex);
  set_thread(client, 0);
  if (client->next != NULL) {
    client->next->previous = client->previous;
  }
  if (client->previous != NULL) {
    client->previous->next = client->next;
  } else {
    clients = client->next;
  }
  apr_thread_mutex_unlock(mutex);
  return APR_SUCCESS;
}

/* HTTP/2 waits by itself, not in a filter. */
static int is_http2(conn_rec *c) {
  const char *protocol = ap_get_protocol(c);
  return protocol != NULL && strcmp(protocol, "h2") == 0;
}

/* Closes the slowest connection that has had its thread for this long. Returns whether there was
 * one. */
static int close_slowest(apr_time_t at_least) {
  struct client *slowest = NULL;
  double least = 0;
  const apr_time_t now = apr_time_now();
  for (struct client *one = clients; one != NULL; one = one->next) {
    if (!one->has_thread || one->closed ||
        !(one->waits_since != 0 || is_http2(one->connection)) || now - one->since < at_least) {
      continue;
    }
    const double age = (double)(now - one->since + apr_time_from_msec(20));
    /* Of new connections a rate says nothing yet. Whoever makes a handshake and a request waits a
     * short time for each of its parts, so that the longest wait tells who does neither. */
    const apr_time_t waits_since = one->waits_since != 0 ? one->waits_since : one->since;
    const double rate =
        at_least == 0 ? -(double)(now - waits_since) : (double)(one->octets + 1) / age;
    if (slowest == NULL || rate < least) {
      slowest = one;
      least = rate;
    }
  }
  if (slowest != NULL) {
    slowest->closed = 1;
    shutdown(slowest->socket, SHUT_RDWR);
  }
  return slowest != NULL;
}

/* With the mutex held. A new connection has a second to send its request. When threads are about to
 * run out, it has half a second, or no time if all connections are new. */
static void keep_threads_free(void) {
  if (slow_limit <= 0 || with_thread <= slow_limit) {
    return;
  }
  if (with_thread <= slow_limit + slow_limit / 4) {
    close_slowest(apr_time_from_sec(1));
  } else if (!close_slowest(apr_time_from_msec(500))) {
    close_slowest(0);
  }
}

/* Clients only: mod_proxy's connections to the API come here as well, and have no entry in the
 * scoreboard. */
static int meet(conn_rec *c, void *csd) {
  if (c->master != NULL || c->outgoing || c->sbh == NULL || slow_limit <= 0) {
    return DECLINED;
  }
  struct client *client = apr_pcalloc(c->pool, sizeof *client);
  client->connection = c;
  apr_os_sock_get(&client->socket, csd);
  ap_set_module_config(c->conn_config, &podplay_module, client);
  apr_thread_mutex_lock(mutex);
  set_thread(client, 1);
  client->next = clients;
  if (clients != NULL) {
    clients->previous = client;
  }
  clients = client;
  keep_threads_free();
  apr_thread_mutex_unlock(mutex);
  apr_pool_cleanup_register(c->pool, client, forget, apr_pool_cleanup_null);
  ap_add_input_filter("PODPLAY_READ", client, NULL, c);
  ap_add_output_filter("PODPLAY_WRITE", client, NULL, c);
  return DECLINED;
}

/* The event MPM watches the connection from now on; no thread is needed. */
static void lose_thread(conn_rec *c, request_rec *r) {
  (void)r;
  struct client *client = client_of(c);
  if (client != NULL) {
    apr_thread_mutex_lock(mutex);
    set_thread(client, 0);
    apr_thread_mutex_unlock(mutex);
  }
}

static void get_thread(conn_rec *c, request_rec *r) {
  (void)r;
  struct client *client = client_of(c);
  if (client != NULL) {
    apr_thread_mutex_lock(mutex);
    set_thread(client, 1);
    keep_threads_free();
    apr_thread_mutex_unlock(mutex);
  }
}

static void set_waits(struct client *client, int waits, apr_off_t octets) {
  const apr_time_t since = waits ? apr_time_now() : 0;
  apr_thread_mutex_lock(mutex);
  client->waits_since = since;
  client->octets += octets > 0 ? (apr_uint64_t)octets : 0;
  apr_thread_mutex_unlock(mutex);
}

static apr_status_t read_filter(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode,
                                apr_read_type_e block, apr_off_t octets) {
  struct client *client = f->ctx;
  set_waits(client, block == APR_BLOCK_READ, 0);
  const apr_status_t status = ap_get_brigade(f->next, bb, mode, block, octets);
  apr_off_t length = 0;
  if (status == APR_SUCCESS && mode != AP_MODE_SPECULATIVE) {
    apr_brigade_length(bb, 0, &length);
  }
  set_waits(client, 0, length);
  return status;
}

static apr_status_t write_filter(ap_filter_t *f, apr_bucket_brigade *bb) {
  struct client *client = f->ctx;
  apr_off_t length = 0;
  apr_brigade_length(bb, 0, &length);
  set_waits(client, 1, 0);
  const apr_status_t status = ap_pass_brigade(f->next, bb);
  set_waits(client, 0, length);
  return status;
}

static void register_hooks(apr_pool_t *pool) {
  (void)pool;
  ap_register_input_filter("PODPLAY_READ", read_filter, NULL, AP_FTYPE_NETWORK - 1);
  ap_register_output_filter("PODPLAY_WRITE", write_filter, NULL, AP_FTYPE_NETWORK - 1);
  ap_hook_child_init(start_process, NULL, NULL, APR_HOOK_FIRST);
  /* After the core, whose filters are below ours. */
  ap_hook_pre_connection(meet, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_suspend_connection(lose_thread, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_resume_connection(get_thread, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_fixups(confine_file, NULL, NULL, APR_HOOK_REALLY_LAST);
  register_challenge_hooks();
}

module AP_MODULE_DECLARE_DATA podplay_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, commands, register_hooks, 0};
