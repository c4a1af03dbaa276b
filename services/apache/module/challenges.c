/* PodplayChallenges FOLDER: challenges of certificate authorities are answered on every name and
 * every port, before anything else of the configuration is asked: virtual hosts, redirects, users'
 * files. The files are read when somebody asks, so a new one needs no reload.
 *
 * http-01 (RFC 8555 section 8.3): FOLDER/http/TOKEN is what /.well-known/acme-challenge/TOKEN
 * answers. A token without a file is not ours, and the request goes on as any other.
 *
 * tls-alpn-01 (RFC 8737): FOLDER/names/NAME has the key and the certificate, in PEM, for a client
 * that asks for NAME and offers nothing but the protocol acme-tls/1. After the handshake the
 * connection is closed. For a name without a file the protocol is not known here. */
#include "challenges.h"

#include <httpd.h>

#include <apr_strings.h>
#include <ctype.h>
#include <fcntl.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_protocol.h>
#include <http_ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHALLENGE_PATH "/.well-known/acme-challenge/"
#define CHALLENGE_PROTOCOL "acme-tls/1"
#define LONGEST_TOKEN 200
#define LONGEST_FILE 16384

const char *challenges_folder;

/* --- files --- */

/* NULL when there is none. */
static const char *content_of(apr_pool_t *pool, const char *path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) {
    return NULL;
  }
  char *text = NULL;
  struct stat info;
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= LONGEST_FILE) {
    text = apr_palloc(pool, (apr_size_t)info.st_size + 1);
    const ssize_t count = read(file, text, (size_t)info.st_size);
    text[count > 0 ? count : 0] = '\0';
  }
  close(file);
  return text;
}

/* --- http-01 --- */

/* Base64url without padding (RFC 8555 section 8.3). */
static int is_token(const char *text) {
  size_t length = 0;
  for (; text[length] != '\0'; ++length) {
    const unsigned char c = (unsigned char)text[length];
    if (!isalnum(c) && c != '-' && c != '_') {
      return 0;
    }
  }
  return length > 0 && length <= LONGEST_TOKEN;
}

static int answer_request(request_rec *r, int lookup) {
  const size_t length = sizeof CHALLENGE_PATH - 1;
  if (lookup || challenges_folder == NULL || r->method_number != M_GET || r->uri == NULL ||
      strncmp(r->uri, CHALLENGE_PATH, length) != 0 || !is_token(r->uri + length)) {
    return DECLINED;
  }
  const char *path = apr_pstrcat(r->pool, challenges_folder, "/http/", r->uri + length, NULL);
  const char *content = content_of(r->pool, path);
  if (content == NULL) {
    return DECLINED;
  }
  const int discarded = ap_discard_request_body(r);
  if (discarded != OK) {
    return discarded;
  }
  ap_set_content_type(r, "text/plain");
  ap_set_content_length(r, (apr_off_t)strlen(content));
  apr_table_setn(r->headers_out, "Cache-Control", "no-store");
  apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
  if (!r->header_only) {
    ap_rputs(content, r);
  }
  return OK;
}

/* --- tls-alpn-01 --- */

/* The key and the certificate for this server name; NULL when there are none. */
static const char *answer_for(apr_pool_t *pool, const char *name) {
  if (challenges_folder == NULL || name == NULL || *name == '\0' || *name == '.') {
    return NULL;
  }
  char *file = apr_pstrdup(pool, name);
  for (char *c = file; *c != '\0'; ++c) {
    if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.' && *c != '_') {
      return NULL;
    }
    *c = (char)tolower((unsigned char)*c);
  }
  return content_of(pool, apr_pstrcat(pool, challenges_folder, "/names/", file, NULL));
}

/* Whether this connection has been switched to the challenge's protocol. */
static const char kChallenged[] = "podplay-challenge";

static int is_challenge(const conn_rec *c) { return apr_table_get(c->notes, kChallenged) != NULL; }

/* RFC 8737 section 4: the client offers this protocol alone. */
static int propose(conn_rec *c, request_rec *r, server_rec *s, const apr_array_header_t *offers,
                   apr_array_header_t *proposals) {
  if (r != NULL || c->master != NULL || offers == NULL || offers->nelts != 1 ||
      strcmp(APR_ARRAY_IDX(offers, 0, const char *), CHALLENGE_PROTOCOL) != 0 ||
      !ap_ssl_conn_is_ssl(c)) {
    return DECLINED;
  }
  if (answer_for(c->pool, ap_ssl_var_lookup(c->pool, s, c, NULL, "SSL_TLS_SNI")) == NULL) {
    return DECLINED;
  }
  APR_ARRAY_PUSH(proposals, const char *) = CHALLENGE_PROTOCOL;
  return OK;
}

static int switch_protocol(conn_rec *c, request_rec *r, server_rec *s, const char *protocol) {
  (void)s;
  if (r != NULL || strcmp(protocol, CHALLENGE_PROTOCOL) != 0) {
    return DECLINED;
  }
  apr_table_setn(c->notes, kChallenged, "1");
  return OK;
}

static const char *get_protocol(const conn_rec *c) {
  return is_challenge(c) ? CHALLENGE_PROTOCOL : NULL;
}

/* mod_ssl finds the key in the same text. */
static int answer_handshake(conn_rec *c, const char *name, const char **certificate,
                            const char **key) {
  if (!is_challenge(c)) {
    return DECLINED;
  }
  *certificate = answer_for(c->pool, name);
  *key = NULL;
  return *certificate == NULL ? DECLINED : OK;
}

/* After mod_ssl's handshake. Nothing else is said on such a connection. */
static int end_connection(conn_rec *c) {
  if (!is_challenge(c)) {
    return DECLINED;
  }
  c->keepalive = AP_CONN_CLOSE;
  if (c->cs != NULL) {
    c->cs->state = CONN_STATE_LINGER;
  }
  return OK;
}

void register_challenge_hooks(void) {
  static const char *const handshake[] = {"mod_ssl.c", NULL};
  ap_hook_quick_handler(answer_request, NULL, NULL, APR_HOOK_REALLY_FIRST);
  ap_hook_protocol_propose(propose, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_protocol_switch(switch_protocol, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_protocol_get(get_protocol, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_ssl_answer_challenge(answer_handshake, NULL, NULL, APR_HOOK_MIDDLE);
  ap_hook_process_connection(end_connection, handshake, NULL, APR_HOOK_MIDDLE);
}
