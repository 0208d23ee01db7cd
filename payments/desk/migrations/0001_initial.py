"""Work on differences and exceptions: owners and proposals. What two people did not agree to is not closed."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from kit.ids import new_id

GUARDS = """
ALTER TABLE desk_proposal
  ADD CONSTRAINT desk_proposal_state CHECK (
    state IN ('waiting', 'approved', 'done', 'failed', 'refused', 'withdrawn')),
  ADD CONSTRAINT desk_proposal_decided CHECK (
    (state = 'waiting') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)
    AND (state IN ('waiting', 'approved')) = (ended_at IS NULL)),
  ADD CONSTRAINT desk_proposal_two_people CHECK (
    CASE state WHEN 'withdrawn' THEN decided_by = proposed_by ELSE decided_by IS DISTINCT FROM proposed_by END),
  ADD CONSTRAINT desk_proposal_reason CHECK (length(note) >= 5);
CREATE UNIQUE INDEX desk_one_proposal_at_a_time ON desk_proposal (subject) WHERE state IN ('waiting', 'approved');
CREATE INDEX desk_proposal_running ON desk_proposal (proposed_at) WHERE state IN ('waiting', 'approved');
CREATE INDEX desk_difference_open ON payments_difference (found_at, id) WHERE state = 'open';
CREATE INDEX desk_exception_open ON payments_exception (opened_at, id) WHERE resolved_at IS NULL;

CREATE FUNCTION desk_keeps_proposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
     OR (NEW.source, NEW.subject, NEW.action, NEW.note, NEW.expected_by, NEW.ours_fen, NEW.theirs_fen, NEW.proposed_by,
         NEW.proposed_at) IS DISTINCT FROM
        (OLD.source, OLD.subject, OLD.action, OLD.note, OLD.expected_by, OLD.ours_fen, OLD.theirs_fen, OLD.proposed_by,
         OLD.proposed_at)
     OR (OLD.decided_by IS NOT NULL AND (NEW.decided_by, NEW.decided_at, NEW.decision_note)
         IS DISTINCT FROM (OLD.decided_by, OLD.decided_at, OLD.decision_note)) THEN
    RAISE EXCEPTION 'a proposal is never rewritten' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER desk_keeps_proposals BEFORE UPDATE ON desk_proposal
  FOR EACH ROW EXECUTE FUNCTION desk_keeps_proposals();
CREATE TRIGGER desk_proposal_stays BEFORE DELETE ON desk_proposal FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER desk_proposal_no_truncate BEFORE TRUNCATE ON desk_proposal
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();

-- People close a difference by a proposal that another one agreed to; found again with other amounts, it is open again.
CREATE FUNCTION desk_guards_differences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state IN ('explained', 'resolved') AND NEW.state <> OLD.state AND NOT EXISTS (
    SELECT 1 FROM desk_proposal WHERE subject = NEW.id AND source = 'difference' AND state = 'approved') THEN
    RAISE EXCEPTION 'a difference is closed by two people' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.state IN ('explained', 'resolved') AND NEW.state = OLD.state
     AND (NEW.ours_fen, NEW.theirs_fen) IS DISTINCT FROM (OLD.ours_fen, OLD.theirs_fen) THEN
    NEW.state := 'open';
    NEW.settled_at := NULL;
  END IF;
  IF OLD.state IN ('explained', 'resolved') AND NEW.state = OLD.state THEN
    NEW.settled_at := OLD.settled_at;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER desk_guards_differences BEFORE UPDATE ON payments_difference
  FOR EACH ROW EXECUTE FUNCTION desk_guards_differences();
"""
BACKWARD = """
DROP TRIGGER desk_guards_differences ON payments_difference;
DROP FUNCTION desk_guards_differences;
DROP FUNCTION desk_keeps_proposals CASCADE;
DROP INDEX desk_exception_open, desk_difference_open;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("payments", "0002_guards")]
    operations = [
        ops.CreateModel(
            name="Proposal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("source", fields.CharField(max_length=16)),
                ("subject", fields.UUIDField(db_index=True)),
                ("action", fields.CharField(max_length=16)),
                ("note", fields.CharField(max_length=500)),
                ("expected_by", fields.DateField(null=True)),
                ("ours_fen", fields.BigIntField(null=True)),
                ("theirs_fen", fields.BigIntField(null=True)),
                ("state", fields.CharField(max_length=16)),
                ("proposed_by", fields.UUIDField()),
                ("proposed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decision_note", fields.CharField(default="", max_length=500)),
                ("attempts", fields.IntField(default=0)),
                ("outcome", fields.CharField(default="", max_length=40)),
                ("booked", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "desk_proposal", "app": "desk", "pk_attr": "id",
                "table_description": "What one person proposes to do about a difference or an exception, and another "
                "one decides.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Work",
            fields=[
                ("subject", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("owner", fields.UUIDField(null=True, db_index=True)),
                ("owned_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expected_by", fields.DateField(null=True)),
            ],
            options={
                "table": "desk_work", "app": "desk", "pk_attr": "subject",
                "table_description": "Whose a difference or an exception is. `expected_by`: until when an exception may "
                "wait.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(GUARDS, BACKWARD),
    ]  # fmt: skip
