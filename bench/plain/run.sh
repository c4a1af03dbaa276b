#!/bin/sh
# A plain Postfix + Dovecot: what somebody would write by hand for virtual mailboxes in SQLite, tuned for rate.
set -eu
etc=/data/service/current/etc
mkdir -p $etc/postfix $etc/dovecot /data/spool /data/postfix /data/user-data/users /data/directory /run/dovecot
chown vmail:vmail /data/user-data/users
chown postfix /data/postfix
cp /bench/data/mail.db /data/directory/mail.db
chgrp -R postfix /data/directory && chmod 2770 /data/directory && chmod 0660 /data/directory/mail.db
cp /usr/share/podplay/debian/etc/postfix/dynamicmaps.cf* $etc/postfix/ 2>/dev/null || true
cp -r /usr/share/podplay/debian/etc/postfix/dynamicmaps.cf.d $etc/postfix/ 2>/dev/null || true
cp /usr/share/podplay/debian/etc/postfix/postfix-files $etc/postfix/ 2>/dev/null || true
cp /bench/plain/main.cf /bench/plain/domains.cf /bench/plain/mailboxes.cf $etc/postfix/
# Debian's master.cf without chroot: the SQLite file is outside of the queue.
awk '!/^[# \t]/ && NF >= 8 { $5 = "n" } { print }' /usr/share/podplay/debian/etc/postfix/master.cf > $etc/postfix/master.cf 2>/dev/null ||
  cp /usr/share/postfix/master.cf.dist $etc/postfix/master.cf
cp /bench/plain/dovecot.conf $etc/dovecot/
[ -z "${EQUAL:-}" ] || cat /bench/plain/equal.conf >> $etc/dovecot/dovecot.conf
dovecot
exec postfix start-fg
