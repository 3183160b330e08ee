-- Rows of a store at migration 6: one site from its address to the answer on its block, one that waits, and what else a
-- table of that time can hold.

insert into scan values ('0195f2c0-0000-7000-8000-00000000000a', '2026-05-04T05:00:00Z', '{"pages": 5, "depth": 1, "render": "auto"}');
insert into visit values
  ('0195f2c0-0000-7000-8000-00000000000b', '0195f2c0-0000-7000-8000-00000000000a', 'altyn.test', 'done', null, '2026-05-04T05:00:00Z', '2026-05-04T05:00:01Z', '2026-05-04T05:00:09Z'),
  ('0195f2c0-0000-7000-8000-00000000000c', '0195f2c0-0000-7000-8000-00000000000a', 'kumis.test', 'queued', null, '2026-05-04T05:00:00Z', null, null);
insert into frontier (visit_id, url_key, url, depth, priority, seed, state, tries, starts, outcome, capture_id, finished_seq) values
  ('0195f2c0-0000-7000-8000-00000000000b', '\x0a', 'https://altyn.test/', 0, 0, true, 'done', 1, 1, 'captured', '0195f2c0-0000-7000-8000-000000000001', 1);
insert into frontier (visit_id, url_key, url, depth, priority, seed, state, tries, starts, outcome, reason, detail, finished_seq) values
  ('0195f2c0-0000-7000-8000-00000000000b', '\x0b', 'https://altyn.test/қате', 1, 0, false, 'done', 3, 3, 'failed', 'timeout', 'no answer in 30 s', 2);
insert into frontier (visit_id, url_key, url, depth, priority, seed, state) values
  ('0195f2c0-0000-7000-8000-00000000000c', '\x0c', 'https://kumis.test/', 0, 0, true, 'due');
insert into scan_refusal values ('0195f2c0-0000-7000-8000-00000000000a', 3, 'ftp://a.test', 'malformed', 'only http: and https: are read');
insert into host values ('altyn.test', '2026-05-04T05:00:10Z', '{"delaySeconds": 1}', '{"rules": ""}');

insert into capture values ('0195f2c0-0000-7000-8000-000000000001', '0195f2c0-0000-7000-8000-00000000000b', '\x0a', 'site', 'altyn.test',
  'https://altyn.test/', 'https://altyn.test/', '2026-05-04T05:00:05Z', 200, 'text/html', '192.0.2.7:443', repeat('cd', 32), 31000,
  repeat('ab', 32), repeat('01', 32), repeat('02', 32), null, 'evidence', '[{"url": "https://altyn.test/", "status": 200, "location": null}]');
insert into page values ('0195f2c0-0000-7000-8000-000000000001', 'Алтын', 'Күніне 3% табыс кепілі, әріптестер үшін бонус', 'flag', 'pyramid', 0.97,
  '{"lang": "kk", "label": "pyramid", "score": 0.97, "verdict": "flag", "abstainReason": null, "scores": {"pyramid": 0.97, "legit": 0.03}, "signals": [], "model": "kuzet-old"}');
insert into listing values ('0195f2c0-0000-7000-8000-000000000001', 0, 'телефон сатамын', 'seller-7', '{"title": "Телефон", "text": "сатамын", "price": 5000}');

insert into cases (id, subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at) values
  (1, 'site', 'altyn.test', 'pyramid', 0.97, 4, 'referred',
   '{"by": "aigerim", "at": "2026-05-04T06:00:00.000Z", "ground": "KZ-CC-217", "reason": "Выплаты из взносов новых вкладчиков", "approvedBy": "bolat", "approvedAt": "2026-05-04T06:30:00.000Z", "batch": "KN_EXAMPLE_20260504_001"}',
   '{"label": "pyramid", "signals": [], "sketch": [1, 2]}', '[]', '2026-05-04T05:00:09Z', '2026-05-04T07:00:00Z'),
  (2, 'channel', 'telegram:kumis', 'investment_fraud', 0.81, 1, 'open', '{}',
   '{"label": "investment_fraud", "signals": [], "sketch": []}', '[]', '2026-05-04T05:10:00Z', '2026-05-04T05:10:00Z');
select setval(pg_get_serial_sequence('kuzet.cases', 'id'), 2);
insert into case_capture values (1, '0195f2c0-0000-7000-8000-000000000001');
insert into act (at, case_id, revision, by, kind, facts) values
  ('2026-05-04T05:00:09Z', 1, 1, 'kuzet', 'opened', '{"score": 0.97}'),
  ('2026-05-04T05:10:00Z', 2, 1, 'kuzet', 'opened', '{"score": 0.81}'),
  ('2026-05-04T06:00:00Z', 1, 2, 'aigerim', 'confirmed', '{"ground": "KZ-CC-217", "reason": "Выплаты из взносов новых вкладчиков"}'),
  ('2026-05-04T06:30:00Z', 1, 3, 'bolat', 'approved', '{}'),
  ('2026-05-04T07:00:00Z', 1, 4, 'aigerim', 'referred', '{"batch": "KN_EXAMPLE_20260504_001"}');

insert into batch values ('KN_EXAMPLE_20260504_001', 'site', 'EXAMPLE', '2026-05-04', 1, '2026-05-04T07:00:00Z', '{"software": "kuzet/0.0.6"}', repeat('ef', 32));
insert into batch_case values ('KN_EXAMPLE_20260504_001', 1, 1, '{"caseId": "K-000001", "url": "https://altyn.test/"}');
insert into batch_seal values ('KN_EXAMPLE_20260504_001', '2026-05-04T07:00:01Z', repeat('aa', 32), '\x3003', '["AAAA"]');
insert into passage_event values (1, 1, '2026-05-04T08:00:00Z', 'gateway', 'acknowledged', '{}');
insert into receipt_row values (repeat('bb', 32), 1, '2026-05-04T08:00:00Z', 'aigerim', '{"url": "https://altyn.test/", "status": "принято"}', 1, 'acknowledged', null);

insert into account values ('aigerim', 'Айгерім', 'officer', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA', '2026-05-01T04:00:00Z', null);
insert into session values (repeat('99', 32), 'aigerim', '2026-05-04T05:00:00Z', '2026-05-04T17:00:00Z');
insert into stamp values (repeat('ab', 32), 'https://tsa.example/', 'warc', '2026-05-04T05:00:06Z', '2026-05-04T05:05:00Z', 2, 'no answer', null, null);
insert into wacz values ('0195f2c0-0000-7000-8000-000000000001', '2026-05-04T06:00:00Z', repeat('dd', 32), '{"hash": "sha256:dd"}');

insert into model_change (at, by, kind, was, now, facts) values ('2026-05-03T04:00:00Z', 'aigerim', 'promoted', null, 'kuzet-old', '{}');
insert into model_evaluation (at, candidate, current, rows_sha256, faults, figures) values ('2026-05-03T03:00:00Z', 'kuzet-old', 'bundled', repeat('77', 32), '[]', '{"f1": 0.9}');
insert into shadow_page values ('kuzet-next', '0195f2c0-0000-7000-8000-000000000001', 'flag', 'pyramid', 0.99, '[]');
insert into model_reference values ('kuzet-old', '2026-05-03T04:00:00Z', 'first_pages', '2026-05-04T04:00:00Z', '{}');
insert into drift_report (at, model, report) values ('2026-05-04T04:00:00Z', 'kuzet-old', '{"psi": 0.02}');
insert into judged values ('site', 'altyn.test', '2026-05-04T05:00:09Z', 'kuzet-old', 'flag', 'pyramid', 0.97, 0.1, false);
insert into review (subject_kind, subject_key, why, priority, score, novelty, proposed_at) values ('site', 'qola.test', 'uncertain', 0.5, 0.5, 0.9, '2026-05-04T05:20:00Z');
