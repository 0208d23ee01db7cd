"""What models cannot say: no slot beyond its seats, one live booking of a person and item, a history that is not edited."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE bookings_window
  ADD CONSTRAINT bookings_window_of_a_week CHECK (weekday BETWEEN 0 AND 6),
  ADD CONSTRAINT bookings_window_of_a_day CHECK (starts >= 0 AND ends <= 1440 AND ends - starts >= minutes AND minutes > 0),
  ADD CONSTRAINT bookings_window_has_seats CHECK (seats > 0);
CREATE INDEX bookings_window_of_item ON bookings_window (item_code) WHERE item_code IS NOT NULL;
CREATE INDEX bookings_window_of_department ON bookings_window (department_code) WHERE item_code IS NULL;
ALTER TABLE bookings_slot
  ADD CONSTRAINT bookings_slot_not_overbooked CHECK (taken >= 0 AND taken <= seats),
  ADD CONSTRAINT bookings_slot_runs_forwards CHECK (ends_at > starts_at);
CREATE UNIQUE INDEX bookings_one_live ON bookings_booking (citizen_id, item_code) WHERE state = 'booked';
ALTER TABLE bookings_booking
  ADD CONSTRAINT bookings_state_known CHECK (state IN ('booked', 'checked_in', 'cancelled', 'no_show')),
  ADD CONSTRAINT bookings_ends_are_dated CHECK ((state = 'checked_in') = (checked_in_at IS NOT NULL)
    AND (state IN ('cancelled', 'no_show')) = (ended_at IS NOT NULL));
CREATE TRIGGER bookings_change_not_edited BEFORE UPDATE ON bookings_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
"""
BACKWARD = """
DROP TRIGGER bookings_change_not_edited ON bookings_change;
ALTER TABLE bookings_booking DROP CONSTRAINT bookings_state_known, DROP CONSTRAINT bookings_ends_are_dated;
DROP INDEX bookings_one_live;
ALTER TABLE bookings_slot DROP CONSTRAINT bookings_slot_not_overbooked, DROP CONSTRAINT bookings_slot_runs_forwards;
DROP INDEX bookings_window_of_item;
DROP INDEX bookings_window_of_department;
ALTER TABLE bookings_window DROP CONSTRAINT bookings_window_of_a_week, DROP CONSTRAINT bookings_window_of_a_day,
  DROP CONSTRAINT bookings_window_has_seats;
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
