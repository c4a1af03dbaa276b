// One row for each kind of job. A job whose kind has no row fails at its first attempt.
#include "control/jobs/kinds.hpp"

#include <array>

#include "control/certificates/jobs.hpp"
#include "control/deleted.hpp"
#include "control/jobs/retention.hpp"
#include "control/journeys/cleanup.hpp"
#include "control/journeys/deletion.hpp"
#include "control/journeys/export.hpp"
#include "control/journeys/letters.hpp"
#include "control/mail/waiting_mail.hpp"
#include "control/watch/alerts/notices.hpp"
#include "control/watch/log_levels.hpp"
#include "control/watch/tools/support_bundle.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::array kKinds = std::to_array<JobKind>({
    {.name = "audit_retention",
     .help = "Deletes audit events older than PODPLAY_AUDIT_RETENTION days",
     .interval = days{1},
     .run = delete_old_audit},
    {.name = "revision_retention",
     .help = "Deletes settled revisions older than PODPLAY_REVISION_RETENTION days",
     .interval = days{1},
     .run = delete_old_revisions},
    {.name = "answer_retention",
     .help = "Deletes answers kept for an Idempotency-Key, PODPLAY_ANSWER_RETENTION days later",
     .interval = hours{1},
     .run = delete_old_answers},
    {.name = "token_retention",
     .help = "Deletes expired tokens",
     .interval = hours{1},
     .run = delete_expired_tokens},
    {.name = "session_retention",
     .help = "Deletes expired sessions and logins that were not finished",
     .interval = hours{1},
     .run = delete_expired_sessions},
    {.name = "job_retention",
     .help = "Deletes jobs that ended PODPLAY_JOB_RETENTION days ago",
     .interval = days{1},
     .run = delete_ended_jobs},
    {.name = "health_retention",
     .help = "Deletes changes of health older than PODPLAY_HEALTH_RETENTION days",
     .interval = days{1},
     .run = delete_old_health},
    {.name = "deleted_mail_retention",
     .help = "Erases the mail of mailboxes deleted PODPLAY_DELETED_MAIL_RETENTION days ago",
     .interval = hours{6},
     .run = erase_old_mail},
    {.name = "deleted_site_retention",
     .help = "Erases web sites deleted PODPLAY_DELETED_SITE_RETENTION days ago",
     .interval = hours{6},
     .run = erase_old_sites},
    {.name = "certificate_renewal",
     .help = "Issues certificates that are due, and begins the orders of those that others sign",
     .interval = hours{1},
     .run = renew_certificates},
    {.name = kOrderJob,
     .help = "Orders a certificate from an authority, puts it in use and proves it",
     .subject = JobSubject::domain,
     .retry = {.first = minutes{1}, .longest = hours{12}},
     .threads = JobThreads::outside,
     .run = run_order},
    {.name = "certificate_cleaning",
     .help = "Removes replaced certificates that have expired, and keys of deleted domains",
     .interval = days{1},
     .run = remove_old_certificates},
    {.name = "mail_restore",
     .help = "Brings the mail of a deleted mailbox back",
     .retry = {.most_attempts = 5},
     .run = restore_mail},
    {.name = "site_restore",
     .help = "Brings a deleted web site back",
     .retry = {.most_attempts = 5},
     .run = restore_site},
    {.name = kWaitingMailJob,
     .help = "Returns the mail that waits for a deleted mailbox",
     // About a day.
     .retry = {.longest = minutes{30}, .most_attempts = 50},
     .threads = JobThreads::outside,
     .run = return_waiting_mail},
    {.name = kLetterJob,
     .help = "Writes a mail of the pod to a person and hands it to Postfix",
     // Half a day; a link that comes later helps nobody.
     .retry = {.most_attempts = 20},
     .threads = JobThreads::letters,
     .run = send_letter},
    {.name = kAlertNoticeJob,
     .help = "Tells the receiver of alerts of one, by mail or webhook",
     // About a day. What was not told by then is in GET /api/system/alerts.
     .retry = {.first = seconds{5}, .longest = minutes{15}, .most_attempts = 100},
     .threads = JobThreads::outside,
     .only_active = true,
     .run = send_alert_notice},
    {.name = kBundleJob,
     .help = "Collects all that shows how this server is in one archive, safe for a stranger",
     .retry = {.most_attempts = 3},
     .threads = JobThreads::outside,
     .run = make_support_bundle},
    {.name = kBundleRemovalJob,
     .help = "Removes a support bundle a day after it was made",
     .run = remove_support_bundle},
    {.name = kExportJob,
     .help = "Copies all that is kept about a person into a file for that person",
     .subject = JobSubject::user,
     .retry = {.most_attempts = 5},
     .threads = JobThreads::copies,
     .run = write_export},
    {.name = kErasureJob,
     .help = "Erases an account that its person deleted, PODPLAY_DELETION_GRACE days later",
     .run = erase_account},
    {.name = kLevelJob,
     .help = "Ends a log level that was changed for a while",
     .run = end_log_levels},
    {.name = "journey_retention",
     .help = "Deletes expired registrations, links and copies, and mails that were never sent",
     .interval = hours{1},
     .run = delete_old_journeys},
});

}  // namespace

std::span<const JobKind> job_kinds() { return kKinds; }

}  // namespace podplay::control
