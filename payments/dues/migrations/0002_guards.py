"""What models cannot say: two people decide, versions never change; and the rules the law knows today."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE dues_surcharge_rule ADD CONSTRAINT dues_surcharge_rule_rates CHECK (
  per_myriad_a_day BETWEEN 1 AND 10000 AND (cap_per_cent IS NULL OR cap_per_cent BETWEEN 1 AND 100));
ALTER TABLE dues_fee ADD CONSTRAINT dues_fee_amount CHECK (amount_fen > 0);
ALTER TABLE dues_amendment
  ADD CONSTRAINT dues_amendment_kind CHECK (kind IN ('waiver', 'deferral', 'instalments', 'stay', 'withdrawal')),
  ADD CONSTRAINT dues_amendment_state CHECK (state IN ('asked', 'proposed', 'approved', 'refused', 'taken_back')),
  ADD CONSTRAINT dues_amendment_proposed CHECK (
    state NOT IN ('proposed', 'approved')
    OR (proposed_by IS NOT NULL AND terms IS NOT NULL AND bill_version IS NOT NULL)),
  ADD CONSTRAINT dues_amendment_decided CHECK (
    (state IN ('approved', 'refused')) = (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
  ADD CONSTRAINT dues_amendment_two_people CHECK (state <> 'approved' OR decided_by <> proposed_by);
CREATE UNIQUE INDEX dues_one_open_amendment_a_bill ON dues_amendment (bill_id) WHERE state IN ('asked', 'proposed');
ALTER TABLE dues_plan_part
  ADD CONSTRAINT dues_plan_part_amounts CHECK (
    place > 0 AND principal_fen >= 0 AND surcharge_fen >= 0 AND principal_fen + surcharge_fen > 0),
  ADD CONSTRAINT dues_plan_part_paid CHECK (
    (paid_by_order IS NULL) = (paid_at IS NULL) AND (paid_by_order IS NULL) = (paid_fen IS NULL)
    AND (paid_fen IS NULL OR paid_fen >= principal_fen + surcharge_fen));

CREATE TRIGGER dues_surcharge_rule_append_only BEFORE UPDATE OR DELETE ON dues_surcharge_rule
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER dues_fee_append_only BEFORE UPDATE OR DELETE ON dues_fee
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE FUNCTION dues_decided_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('approved', 'refused', 'taken_back') AND
     to_jsonb(NEW) - '{reason_sealed,decision_sealed,citizen,asked_by}'::text[]
     IS DISTINCT FROM to_jsonb(OLD) - '{reason_sealed,decision_sealed,citizen,asked_by}'::text[] THEN
    RAISE EXCEPTION 'a decided amendment stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dues_decided_stays BEFORE UPDATE ON dues_amendment FOR EACH ROW EXECUTE FUNCTION dues_decided_stays();

INSERT INTO dues_surcharge_rule (id, code, since, per_myriad_a_day, cap_per_cent, name, basis) VALUES
 (gen_random_uuid(), 'penalty_law_72', '1996-10-01', 300, NULL,
  '{"zh": "每日按罚款数额的百分之三加处罚款", "en": "3 % of the fine for every day overdue"}',
  '{"zh": "《中华人民共和国行政处罚法》（1996 年）第五十一条", "en": "Administrative Penalty Law (1996) art. 51"}'),
 (gen_random_uuid(), 'penalty_law_72', '2012-01-01', 300, 100,
  '{"zh": "每日按罚款数额的百分之三加处罚款", "en": "3 % of the fine for every day overdue"}',
  '{"zh": "《中华人民共和国行政处罚法》（1996 年）第五十一条；《中华人民共和国行政强制法》第四十五条：加处罚款的数额不得超出金钱给付义务的数额", "en": "Administrative Penalty Law (1996) art. 51; Administrative Compulsion Law art. 45: never above what is owed"}'),
 (gen_random_uuid(), 'penalty_law_72', '2021-07-15', 300, 100,
  '{"zh": "每日按罚款数额的百分之三加处罚款", "en": "3 % of the fine for every day overdue"}',
  '{"zh": "《中华人民共和国行政处罚法》第七十二条：加处罚款的数额不得超出罚款的数额", "en": "Administrative Penalty Law art. 72: the surcharge never exceeds the fine"}'),
 (gen_random_uuid(), 'social_insurance_86', '2011-07-01', 5, NULL,
  '{"zh": "自欠缴之日起按日加收万分之五的滞纳金", "en": "0.05 % for every day in arrears"}',
  '{"zh": "《中华人民共和国社会保险法》第八十六条", "en": "Social Insurance Law art. 86"}'),
 (gen_random_uuid(), 'social_insurance_86', '2012-01-01', 5, 100,
  '{"zh": "自欠缴之日起按日加收万分之五的滞纳金", "en": "0.05 % for every day in arrears"}',
  '{"zh": "《中华人民共和国社会保险法》第八十六条；《中华人民共和国行政强制法》第四十五条：滞纳金的数额不得超出金钱给付义务的数额", "en": "Social Insurance Law art. 86; Administrative Compulsion Law art. 45: never above what is owed"}');
"""
BACKWARD = """
DROP FUNCTION dues_decided_stays CASCADE;
DROP TRIGGER dues_fee_append_only ON dues_fee;
DROP TRIGGER dues_surcharge_rule_append_only ON dues_surcharge_rule;
DELETE FROM dues_surcharge_rule;
DROP INDEX dues_one_open_amendment_a_bill;
"""


class Migration(migrations.Migration):
    dependencies = [("dues", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
