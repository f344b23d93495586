-- EXECUTE on a new function is everybody's unless it is revoked. A function of a trigger writes into the outbox as its
-- owner: whoever may execute it can put it on a table of his own, and have events of another table say what he likes.
revoke execute on all functions in schema fraiseql from public;
