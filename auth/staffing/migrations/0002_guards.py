"""
What models cannot say: who reports to whom, that two people change a role, that nobody is away twice at once, and that
every change of a duty leaves a row nobody can edit away, whatever made it.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE staffing_head ADD CONSTRAINT staffing_head_kind CHECK (kind IN ('region', 'department'));
ALTER TABLE staffing_place ADD CONSTRAINT staffing_place_not_oneself CHECK (reports_to_id <> staff_id);

-- Who is above whom: as it was said for the person; else who heads the unit, the department, the one above it, the region.
CREATE VIEW staffing_line AS
SELECT s.id AS staff_id, CASE
  WHEN p.reports_to_id IS NOT NULL THEN p.reports_to_id
  WHEN rh.staff_id = s.id THEN NULL
  WHEN dh.staff_id = s.id THEN COALESCE(NULLIF(ph.staff_id, s.id), rh.staff_id)
  WHEN u.head_id IS NULL OR u.head_id = s.id THEN COALESCE(dh.staff_id, NULLIF(ph.staff_id, s.id), rh.staff_id)
  ELSE u.head_id END AS superior_id
FROM auth_staff_member s
JOIN auth_department d ON d.code = s.department_id
LEFT JOIN staffing_place p ON p.staff_id = s.id
LEFT JOIN staffing_unit u ON u.id = p.unit_id
LEFT JOIN staffing_head dh ON dh.kind = 'department' AND dh.code = d.code
LEFT JOIN staffing_head ph ON ph.kind = 'department' AND ph.code = d.parent_code
LEFT JOIN staffing_head rh ON rh.kind = 'region' AND rh.code = d.region_code;

ALTER TABLE staffing_role_change ADD CONSTRAINT staffing_role_change_two_people CHECK (
  kind IN ('grant', 'remove') AND proposed_by <> staff_id AND (NOT emergency OR kind = 'remove')
  AND (state = 'proposed') = (decided_by IS NULL)
  AND (state <> 'done' OR emergency OR decided_by <> proposed_by)
  AND (state = 'withdrawn' OR decided_by IS NULL OR decided_by <> staff_id));
CREATE UNIQUE INDEX staffing_role_change_one_open ON staffing_role_change (staff_id, role) WHERE state = 'proposed';

ALTER TABLE staffing_shift ADD CONSTRAINT staffing_shift_minutes CHECK (
  kind IN ('regular', 'duty', 'evening', 'weekend', 'off') AND starts BETWEEN 0 AND 1439 AND ends > starts AND ends <= 2880
  AND ends - starts <= 1440);
ALTER TABLE staffing_shift ADD CONSTRAINT staffing_shift_once EXCLUDE USING gist (
  auth_as_range(staff_id::text) WITH &&,
  int4range((day - DATE '2000-01-01') * 1440 + starts, (day - DATE '2000-01-01') * 1440 + ends) WITH &&);

ALTER TABLE staffing_leave ADD CONSTRAINT staffing_leave_said CHECK (
  starts_at < ends_at AND cover_id <> staff_id AND from_half IN ('am', 'pm') AND to_half IN ('am', 'pm')
  AND kind IN ('annual', 'sick', 'personal', 'training', 'official', 'family', 'absent')
  AND (state NOT IN ('approved', 'running', 'ended') OR (decided_by IS NOT NULL AND decided_by <> staff_id)));
ALTER TABLE staffing_leave ADD CONSTRAINT staffing_leave_once EXCLUDE USING gist (
  auth_as_range(staff_id::text) WITH &&, tstzrange(starts_at, ends_at) WITH &&)
  WHERE (state IN ('requested', 'approved', 'running'));
CREATE UNIQUE INDEX staffing_handover_one_open ON staffing_handover (leave_id, kind, subject) WHERE closed_at IS NULL;

CREATE FUNCTION staffing_note_duty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE d auth_duty;
BEGIN
  IF TG_OP = 'DELETE' THEN d := OLD; ELSE d := NEW; END IF;
  INSERT INTO staffing_duty_change (at, actor, act, duty, staff, item_code, region_code, role, valid_from, valid_to)
  VALUES (COALESCE(NULLIF(current_setting('handheld.now', true), '')::timestamptz, clock_timestamp()),
    COALESCE(NULLIF(current_setting('handheld.actor', true), ''), 'system'), lower(TG_OP),
    d.id, d.staff_id, d.item_code, d.region_code, d.role, d.valid_from, d.valid_to);
  RETURN NULL;
END $$;
INSERT INTO staffing_duty_change (at, actor, act, duty, staff, item_code, region_code, role, valid_from, valid_to)
SELECT clock_timestamp(), 'system', 'insert', id, staff_id, item_code, region_code, role, valid_from, valid_to FROM auth_duty;
CREATE TRIGGER staffing_note_duty AFTER INSERT OR UPDATE OR DELETE ON auth_duty
  FOR EACH ROW EXECUTE FUNCTION staffing_note_duty();
CREATE TRIGGER staffing_duty_change_append_only BEFORE UPDATE OR DELETE ON staffing_duty_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER staffing_duty_change_no_truncate BEFORE TRUNCATE ON staffing_duty_change
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER staffing_duty_change_no_truncate ON staffing_duty_change;
DROP TRIGGER staffing_duty_change_append_only ON staffing_duty_change;
DROP TRIGGER staffing_note_duty ON auth_duty;
DROP FUNCTION staffing_note_duty;
DROP INDEX staffing_handover_one_open, staffing_role_change_one_open;
ALTER TABLE staffing_leave DROP CONSTRAINT staffing_leave_once, DROP CONSTRAINT staffing_leave_said;
ALTER TABLE staffing_shift DROP CONSTRAINT staffing_shift_once, DROP CONSTRAINT staffing_shift_minutes;
ALTER TABLE staffing_role_change DROP CONSTRAINT staffing_role_change_two_people;
DROP VIEW staffing_line;
ALTER TABLE staffing_place DROP CONSTRAINT staffing_place_not_oneself;
ALTER TABLE staffing_head DROP CONSTRAINT staffing_head_kind;
"""


class Migration(migrations.Migration):
    dependencies = [("staffing", "0001_initial"), ("auth", "0007_duty_periods"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
