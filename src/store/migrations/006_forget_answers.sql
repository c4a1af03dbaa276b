-- Answers kept so far hold fast hashes of requests, passwords among them. Later ones are keyed (control/answers).
DELETE FROM idempotency;
