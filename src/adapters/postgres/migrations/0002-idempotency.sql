-- Answers to mutations that came with an Idempotency-Key, kept in the transaction that wrote: a key is there if and only
-- if what it stands for has happened.
create table fraiseql.idempotency_keys (
  org text not null,
  key text not null check (length(key) between 1 and 255),
  -- SHA-256 of the operation, in hexadecimal.
  fingerprint text not null,
  answer text not null,
  expires_at timestamptz not null,
  primary key (org, key)
);
create index idempotency_keys_age on fraiseql.idempotency_keys (expires_at);
