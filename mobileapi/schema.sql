-- of the migrations 294dd6b9759f4d2e66becdcd1265fecdbc7c702252521d4b5d89c7f418babfbf
-- Written by `make schema`. Changes belong into migrations.

CREATE TABLE "tortoise_migrations" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "app" VARCHAR(255) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_tortoise_mi_app_3803a5" UNIQUE ("app", "name")
);
CREATE TABLE "kit_audit" (
    "seq" BIGINT NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "action" VARCHAR(80) NOT NULL,
    "subject" VARCHAR(120) NOT NULL,
    "detail" JSONB NOT NULL,
    "request_id" VARCHAR(64) NOT NULL,
    "previous" VARCHAR(64) NOT NULL,
    "digest" VARCHAR(64) NOT NULL
);
CREATE INDEX "idx_kit_audit_subject_8814e4" ON "kit_audit" ("subject", "seq");
CREATE INDEX "idx_kit_audit_actor_0a54cb" ON "kit_audit" ("actor", "seq");
COMMENT ON TABLE "kit_audit" IS 'One act. Rows are chained by hash and never changed; the database refuses UPDATE and DELETE.';
CREATE TABLE "kit_calendar_day" (
    "date" DATE NOT NULL  PRIMARY KEY,
    "is_workday" BOOL NOT NULL,
    "note" VARCHAR(100) NOT NULL,
    "source" VARCHAR(200) NOT NULL
);
COMMENT ON TABLE "kit_calendar_day" IS 'A day that is not what its weekday says: holidays, and make-up working days (调休).';
CREATE TABLE "kit_idempotent_call" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "caller" VARCHAR(80) NOT NULL,
    "key" VARCHAR(255) NOT NULL,
    "fingerprint" VARCHAR(64) NOT NULL,
    "status" INT,
    "body" BYTEA,
    "started_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_kit_idempot_caller_a4630d" UNIQUE ("caller", "key")
);
COMMENT ON TABLE "kit_idempotent_call" IS 'The first answer to a POST that moves money or files something; kept at least 24 hours.';
CREATE TABLE kit_audit_top (one boolean PRIMARY KEY DEFAULT true CHECK (one), last_value bigint NOT NULL);
CREATE FUNCTION kit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER kit_audit_append_only BEFORE UPDATE OR DELETE ON kit_audit FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER kit_audit_no_truncate BEFORE TRUNCATE ON kit_audit FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE FUNCTION kit_audit_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kit_audit_top (last_value) VALUES (NEW.seq)
  ON CONFLICT (one) DO UPDATE SET last_value = EXCLUDED.last_value;
  RETURN NULL;
END $$;
CREATE TRIGGER kit_audit_grow AFTER INSERT ON kit_audit FOR EACH ROW EXECUTE FUNCTION kit_audit_grow();
CREATE TABLE "auth_citizen" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "assurance" VARCHAR(16) NOT NULL,
    "phone_sealed" BYTEA,
    "phone_index" VARCHAR(64)  UNIQUE,
    "name_sealed" BYTEA,
    "id_number_sealed" BYTEA,
    "id_number_index" VARCHAR(64)  UNIQUE,
    "locale" VARCHAR(8) NOT NULL,
    "elder_mode" BOOL NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "disabled_at" TIMESTAMPTZ
);
COMMENT ON TABLE "auth_citizen" IS 'A person. What identifies them is sealed; equal values are found by their blind index.';
CREATE TABLE "auth_department" (
    "code" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "name" JSONB NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "credit_code" VARCHAR(18) NOT NULL,
    "phone" VARCHAR(40) NOT NULL,
    "parent_code" VARCHAR(32)
);
CREATE TABLE "auth_platform_identity" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "platform" VARCHAR(16) NOT NULL,
    "app_id" VARCHAR(64) NOT NULL,
    "open_id" VARCHAR(128) NOT NULL,
    "union_id" VARCHAR(128),
    "created_at" TIMESTAMPTZ NOT NULL,
    "citizen_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_auth_platfo_platfor_cf95ff" UNIQUE ("platform", "app_id", "open_id")
);
CREATE INDEX "idx_auth_platfo_citizen_940b31" ON "auth_platform_identity" ("citizen_id");
COMMENT ON TABLE "auth_platform_identity" IS 'How a platform knows a citizen: (platform, app, open id) is one person.';
CREATE TABLE "auth_region" (
    "code" VARCHAR(12) NOT NULL  PRIMARY KEY,
    "name" JSONB NOT NULL,
    "level" VARCHAR(16) NOT NULL,
    "parent_code" VARCHAR(12),
    "valid_from" DATE,
    "valid_to" DATE
);
CREATE INDEX "idx_auth_region_parent__789775" ON "auth_region" ("parent_code");
COMMENT ON TABLE "auth_region" IS 'A division, 12 digits down to the community (GB/T 2260 and below).';
CREATE TABLE "auth_session" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "person" UUID NOT NULL,
    "device" VARCHAR(64) NOT NULL,
    "source" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "end_reason" VARCHAR(32) NOT NULL
);
CREATE INDEX "idx_auth_sessio_person_d31ec7" ON "auth_session" ("person");
CREATE INDEX "idx_auth_sessio_ends_at_0212e9" ON "auth_session" ("ends_at");
COMMENT ON TABLE "auth_session" IS 'A token family: one sign-in on one device. It ends at `ends_at` whatever is refreshed, or when `ended_at` is set.';
CREATE TABLE "auth_refresh_token" (
    "digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "successor_sealed" BYTEA,
    "session_id" UUID NOT NULL REFERENCES "auth_session" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_auth_refres_session_37d68a" ON "auth_refresh_token" ("session_id");
COMMENT ON TABLE "auth_refresh_token" IS 'One refresh token of a family, known by its digest. A used one is kept: meeting it again tells that it was stolen.';
CREATE TABLE "auth_sign_in_trouble" (
    "subject" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "failures" INT NOT NULL,
    "wait_until" TIMESTAMPTZ,
    "last_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "auth_sign_in_trouble" IS 'Failed sign-ins of one (user name, source), or of one user name; kept by blind index, known or unknown alike.';
CREATE TABLE "auth_staff_member" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "username" VARCHAR(64) NOT NULL UNIQUE,
    "name" VARCHAR(64) NOT NULL,
    "employee_no" VARCHAR(32) NOT NULL,
    "title" VARCHAR(64) NOT NULL,
    "roles" JSONB NOT NULL,
    "password_hash" VARCHAR(200) NOT NULL,
    "totp_sealed" BYTEA,
    "hours" JSONB NOT NULL,
    "totp_last_step" BIGINT,
    "phone_sealed" BYTEA,
    "disabled_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "department_id" VARCHAR(32) NOT NULL REFERENCES "auth_department" ("code") ON DELETE RESTRICT
);
CREATE INDEX "idx_auth_staff__departm_001b8e" ON "auth_staff_member" ("department_id");
CREATE TABLE "auth_duty" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "item_code" VARCHAR(40) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "valid_from" DATE,
    "valid_to" DATE,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_auth_duty_item_co_342d99" UNIQUE ("item_code", "region_code", "role", "staff_id")
);
CREATE INDEX "idx_auth_duty_item_co_2c16fc" ON "auth_duty" ("item_code");
CREATE INDEX "idx_auth_duty_staff_i_f779b6" ON "auth_duty" ("staff_id");
COMMENT ON TABLE "auth_duty" IS 'Who answers for an item in a region: owner, then backup, with a supervisor above them.';
CREATE TABLE "acting_appointment" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "department_code" VARCHAR(32) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "items" JSONB NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "valid_to" DATE NOT NULL,
    "appointed_by" VARCHAR(80) NOT NULL,
    "appointed_at" TIMESTAMPTZ NOT NULL,
    "agent_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_acting_appo_agent_i_9d7bd6" ON "acting_appointment" ("agent_id");
COMMENT ON TABLE "acting_appointment" IS 'A village agent (代办员): appointed by a department, for the items of its list, for a year at most.';
CREATE TABLE "acting_legal_person" (
    "credit_code" VARCHAR(18) NOT NULL UNIQUE,
    "name" VARCHAR(120) NOT NULL,
    "code_confirmed_by" VARCHAR(80) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "account_id" UUID NOT NULL  PRIMARY KEY REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
COMMENT ON TABLE "acting_legal_person" IS 'A firm or other legal person (法人), by unified social credit code.';
CREATE TABLE "acting_mandate" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "relation" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "version" INT NOT NULL,
    "asked_by" VARCHAR(12) NOT NULL,
    "doings" JSONB NOT NULL,
    "items" JSONB,
    "manages" BOOL NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "claimed_sealed" BYTEA,
    "claimed_index" VARCHAR(64),
    "phone_sealed" BYTEA,
    "phone_index" VARCHAR(64),
    "evidence" JSONB NOT NULL,
    "consent" BOOL NOT NULL,
    "flags" JSONB NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "agent_id" UUID REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT,
    "appointment_id" UUID REFERENCES "acting_appointment" ("id") ON DELETE RESTRICT,
    "principal_id" UUID REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_acting_mand_agent_i_05365b" ON "acting_mandate" ("agent_id");
CREATE INDEX "idx_acting_mand_appoint_12de80" ON "acting_mandate" ("appointment_id");
CREATE INDEX "idx_acting_mand_princip_d9402a" ON "acting_mandate" ("principal_id");
COMMENT ON TABLE "acting_mandate" IS 'Who may act for whom, in what, until when.';
CREATE TABLE "acting_deed" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "action" VARCHAR(40) NOT NULL,
    "subject" VARCHAR(80) NOT NULL,
    "about" JSONB,
    "agent_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT,
    "mandate_id" UUID NOT NULL REFERENCES "acting_mandate" ("id") ON DELETE RESTRICT,
    "principal_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_acting_deed_princip_517baf" ON "acting_deed" ("principal_id", "id");
CREATE INDEX "idx_acting_deed_agent_i_8bbdfb" ON "acting_deed" ("agent_id", "id");
COMMENT ON TABLE "acting_deed" IS 'One thing done for somebody: what the represented is shown, beside the audit log.';
CREATE TABLE "acting_mandate_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "from_state" VARCHAR(16),
    "to_state" VARCHAR(16) NOT NULL,
    "note" VARCHAR(500) NOT NULL,
    "mandate_id" UUID NOT NULL REFERENCES "acting_mandate" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_acting_mand_mandate_5db225" ON "acting_mandate_change" ("mandate_id");
COMMENT ON TABLE "acting_mandate_change" IS 'One move of a mandate: who, when, why, from, to. Rows are never changed.';
CREATE TABLE "acting_represented" (
    "made_by" VARCHAR(80) NOT NULL,
    "made_at" TIMESTAMPTZ NOT NULL,
    "joined_by" UUID,
    "joined_at" TIMESTAMPTZ,
    "account_id" UUID NOT NULL  PRIMARY KEY REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
COMMENT ON TABLE "acting_represented" IS 'An account a clerk made from evidence, of somebody who has never signed in; until they do.';
ALTER TABLE acting_mandate
  ADD CONSTRAINT acting_mandate_kind CHECK (kind IN ('representative', 'operator', 'family', 'guardian', 'village')),
  ADD CONSTRAINT acting_mandate_state CHECK (state IN ('asked', 'examining', 'active', 'refused', 'revoked', 'resigned',
    'expired')),
  ADD CONSTRAINT acting_mandate_active_is_between_two CHECK (state NOT IN ('active', 'resigned') OR
    (principal_id IS NOT NULL AND agent_id IS NOT NULL AND principal_id <> agent_id AND decided_at IS NOT NULL)),
  ADD CONSTRAINT acting_mandate_names_somebody CHECK (
    (principal_id IS NOT NULL OR claimed_index IS NOT NULL) AND (agent_id IS NOT NULL OR phone_index IS NOT NULL)),
  ADD CONSTRAINT acting_mandate_reads CHECK (doings ? 'read'),
  ADD CONSTRAINT acting_mandate_ends CHECK (kind = 'representative' OR
    (valid_to IS NOT NULL AND valid_to >= valid_from)),
  ADD CONSTRAINT acting_mandate_operator_two_years CHECK (kind <> 'operator' OR valid_to <= valid_from + 731),
  ADD CONSTRAINT acting_mandate_village_appointed CHECK ((kind = 'village') = (appointment_id IS NOT NULL)),
  ADD CONSTRAINT acting_mandate_firm_only CHECK (NOT manages OR kind IN ('representative', 'operator'));
CREATE UNIQUE INDEX acting_one_representative ON acting_mandate (principal_id)
  WHERE kind = 'representative' AND state = 'active';
CREATE UNIQUE INDEX acting_one_mandate_a_kind ON acting_mandate (agent_id, principal_id, kind) WHERE state = 'active';
CREATE UNIQUE INDEX acting_one_ask_a_kind ON acting_mandate (agent_id, claimed_index, kind)
  WHERE state IN ('asked', 'examining');
CREATE UNIQUE INDEX acting_one_invitation ON acting_mandate (principal_id, phone_index, kind) WHERE state = 'asked';
CREATE INDEX acting_invited ON acting_mandate (phone_index) WHERE state = 'asked';
CREATE INDEX acting_examined ON acting_mandate (department_code, asked_at, id) WHERE state = 'examining';
CREATE UNIQUE INDEX acting_one_appointment ON acting_appointment (agent_id, department_code) WHERE state = 'active';
ALTER TABLE acting_appointment ADD CONSTRAINT acting_appointment_state CHECK (state IN ('active', 'revoked', 'expired'));

CREATE FUNCTION acting_mandate_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
    ('asked', 'active'), ('asked', 'refused'), ('asked', 'examining'), ('asked', 'revoked'), ('asked', 'expired'),
    ('examining', 'active'), ('examining', 'refused'), ('examining', 'revoked'), ('examining', 'expired'),
    ('active', 'revoked'), ('active', 'resigned'), ('active', 'expired')
  )) OR OLD.kind <> NEW.kind OR (OLD.state = 'active' AND (OLD.doings <> NEW.doings
    OR OLD.items IS DISTINCT FROM NEW.items OR OLD.manages <> NEW.manages OR OLD.valid_to IS DISTINCT FROM NEW.valid_to))
  THEN
    RAISE EXCEPTION 'a mandate does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER acting_mandate_moves_on BEFORE UPDATE ON acting_mandate
  FOR EACH ROW EXECUTE FUNCTION acting_mandate_moves_on();
CREATE TRIGGER acting_mandate_change_append_only BEFORE UPDATE OR DELETE ON acting_mandate_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TABLE "catalogue_item" (
    "code" VARCHAR(40) NOT NULL  PRIMARY KEY,
    "name" JSONB NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "themes" JSONB NOT NULL,
    "regions" JSONB NOT NULL,
    "summary" JSONB NOT NULL,
    "version" INT NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_catalogue_i_departm_da0488" ON "catalogue_item" ("department_code");
COMMENT ON TABLE "catalogue_item" IS 'An item and its current version. What lists and filters need is repeated here from the guide; the search vector';
CREATE TABLE "catalogue_item_version" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL,
    "guide" JSONB NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "effective_from" TIMESTAMPTZ NOT NULL,
    "item_id" VARCHAR(40) NOT NULL REFERENCES "catalogue_item" ("code") ON DELETE RESTRICT,
    CONSTRAINT "uid_catalogue_i_item_id_65adcf" UNIQUE ("item_id", "version")
);
CREATE INDEX "idx_catalogue_i_item_id_fe46c3" ON "catalogue_item_version" ("item_id");
COMMENT ON TABLE "catalogue_item_version" IS 'A guide as it was published; never changed afterwards. A case keeps the version it was filed under.';
CREATE TABLE "catalogue_synonym_group" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "words" JSONB NOT NULL
);
COMMENT ON TABLE "catalogue_synonym_group" IS 'Everyday words that mean the same to the one who searches.';
CREATE TABLE "catalogue_theme" (
    "code" VARCHAR(40) NOT NULL  PRIMARY KEY,
    "name" JSONB NOT NULL,
    "position" INT NOT NULL
);
COMMENT ON TABLE "catalogue_theme" IS 'A moment of life people come with: a birth, a business opened, a home bought.';
ALTER TABLE catalogue_item ADD COLUMN search tsvector NOT NULL DEFAULT ''::tsvector;
CREATE INDEX catalogue_item_search ON catalogue_item USING gin (search);
CREATE TRIGGER catalogue_item_version_append_only BEFORE UPDATE OR DELETE ON catalogue_item_version
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TABLE catalogue_edition (one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL);
INSERT INTO catalogue_edition (number) VALUES (1);
CREATE FUNCTION catalogue_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE catalogue_edition SET number = number + 1; RETURN NULL; END $$;
CREATE TRIGGER catalogue_item_edition AFTER INSERT OR UPDATE OR DELETE ON catalogue_item
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue_new_edition();
CREATE TRIGGER catalogue_theme_edition AFTER INSERT OR UPDATE OR DELETE ON catalogue_theme
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue_new_edition();
CREATE TRIGGER catalogue_synonym_edition AFTER INSERT OR UPDATE OR DELETE ON catalogue_synonym_group
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue_new_edition();
CREATE TRIGGER catalogue_department_edition AFTER INSERT OR UPDATE OR DELETE ON auth_department
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue_new_edition();
CREATE TRIGGER catalogue_region_edition AFTER INSERT OR UPDATE OR DELETE ON auth_region
  FOR EACH STATEMENT EXECUTE FUNCTION catalogue_new_edition();
CREATE TABLE "answers_answer" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "item_code" VARCHAR(40) NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "conversation" UUID,
    "question" VARCHAR(300) NOT NULL,
    "answer" VARCHAR(2000) NOT NULL,
    "cites" JSONB NOT NULL,
    "guide_version" INT NOT NULL,
    "cited_digest" VARCHAR(64) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "version" INT NOT NULL,
    "proposed_by" UUID NOT NULL,
    "proposed_at" TIMESTAMPTZ NOT NULL,
    "reviewed_by" UUID,
    "reviewed_at" TIMESTAMPTZ,
    "note" VARCHAR(500) NOT NULL,
    "told_of_version" INT NOT NULL
);
CREATE INDEX "idx_answers_ans_item_co_8469fa" ON "answers_answer" ("item_code");
COMMENT ON TABLE "answers_answer" IS 'One answer under an item. What was removed from it is nowhere kept; `conversation` is seen by staff only.';
CREATE TABLE "answers_vote" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "voter" VARCHAR(64) NOT NULL,
    "helpful" BOOL NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "answer_id" UUID NOT NULL REFERENCES "answers_answer" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_answers_vot_answer__8b56c8" UNIQUE ("answer_id", "voter")
);
CREATE INDEX "idx_answers_vot_answer__979887" ON "answers_vote" ("answer_id");
COMMENT ON TABLE "answers_vote" IS 'Whether an answer helped; once a person, or a device of who is not signed in. `voter` is a keyed digest.';
ALTER TABLE answers_answer ADD CONSTRAINT answers_answer_two_people CHECK (
  state IN ('proposed', 'published', 'refused', 'withdrawn') AND (reviewed_by IS NULL) = (reviewed_at IS NULL)
  AND (state = 'proposed' OR reviewed_by IS NOT NULL) AND reviewed_by <> proposed_by);
CREATE INDEX answers_answer_published ON answers_answer (item_code) WHERE state = 'published';
CREATE TRIGGER answers_edition_new AFTER INSERT ON answers_answer
  FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION catalogue_new_edition();
CREATE TRIGGER answers_edition AFTER UPDATE ON answers_answer FOR EACH ROW
  WHEN ((OLD.state = 'published' OR NEW.state = 'published') AND OLD.version <> NEW.version)
  EXECUTE FUNCTION catalogue_new_edition();
CREATE TABLE "applications_application" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "item_code" VARCHAR(40) NOT NULL,
    "item_version" INT NOT NULL,
    "item_name" JSONB NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "region_path" JSONB NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "version" INT NOT NULL,
    "answers" JSONB NOT NULL,
    "form_sealed" BYTEA,
    "case_number" VARCHAR(32)  UNIQUE,
    "holder_staff" UUID,
    "holder_name" VARCHAR(64) NOT NULL,
    "holder_reason" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "saved_at" TIMESTAMPTZ NOT NULL,
    "submitted_at" TIMESTAMPTZ,
    "received_at" TIMESTAMPTZ,
    "accepted_at" TIMESTAMPTZ,
    "decided_at" TIMESTAMPTZ,
    "deemed" BOOL NOT NULL,
    "check_due" DATE,
    "promised_due" DATE,
    "statutory_due" DATE,
    "desk_due" DATE,
    "review" JSONB NOT NULL,
    "decision" JSONB,
    "citizen_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_application_citizen_7a594d" ON "applications_application" ("citizen_id");
CREATE INDEX "idx_application_departm_6ae31e" ON "applications_application" ("department_code", "state", "desk_due");
CREATE INDEX "idx_application_item_co_f3ee71" ON "applications_application" ("item_code", "state");
CREATE INDEX "idx_application_state_0567af" ON "applications_application" ("state", "check_due");
COMMENT ON TABLE "applications_application" IS 'A citizen''s case about one item, under the version of the guide it was begun with.';
CREATE TABLE "applications_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "shown_as" JSONB NOT NULL,
    "from_state" VARCHAR(16),
    "to_state" VARCHAR(16) NOT NULL,
    "note" TEXT,
    "application_id" UUID NOT NULL REFERENCES "applications_application" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_application_applica_83ee9a" ON "applications_change" ("application_id");
COMMENT ON TABLE "applications_change" IS 'One move of a case: who, when, why, from, to. Rows are never changed.';
CREATE TABLE "applications_correction" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "by" VARCHAR(80) NOT NULL,
    "deadline" DATE NOT NULL,
    "items" JSONB NOT NULL,
    "answered_at" TIMESTAMPTZ,
    "application_id" UUID NOT NULL UNIQUE REFERENCES "applications_application" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "applications_correction" IS 'The one notice of everything to complete. The unique key makes a second one impossible.';
CREATE TABLE "applications_day_counter" (
    "day" DATE NOT NULL  PRIMARY KEY,
    "reached" INT NOT NULL
);
COMMENT ON TABLE "applications_day_counter" IS 'The running number of case numbers of one office day.';
CREATE TABLE "applications_material" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "material_code" VARCHAR(40) NOT NULL,
    "uploads" JSONB NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "rejection" VARCHAR(500),
    "changed_at" TIMESTAMPTZ NOT NULL,
    "application_id" UUID NOT NULL REFERENCES "applications_application" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_application_applica_56adc8" UNIQUE ("application_id", "material_code")
);
CREATE INDEX "idx_application_applica_248f38" ON "applications_material" ("application_id");
COMMENT ON TABLE "applications_material" IS 'The photographs of one material of the case, in order.';
CREATE UNIQUE INDEX applications_one_open_draft ON applications_application (citizen_id, item_code, region_code)
  WHERE state = 'draft';
CREATE INDEX applications_of_citizen ON applications_application (citizen_id, created_at DESC, id DESC);
ALTER TABLE applications_application
  ADD CONSTRAINT applications_state_known CHECK (state IN ('draft', 'submitted', 'correction', 'resubmitted', 'accepted',
    'approved', 'refused', 'not_accepted', 'withdrawn')),
  ADD CONSTRAINT applications_filed_has_number CHECK (state IN ('draft', 'withdrawn') OR
    (case_number IS NOT NULL AND submitted_at IS NOT NULL AND received_at IS NOT NULL)),
  ADD CONSTRAINT applications_waiting_has_day CHECK (state NOT IN ('submitted', 'resubmitted') OR check_due IS NOT NULL),
  ADD CONSTRAINT applications_accepted_has_clock CHECK (state NOT IN ('accepted', 'approved', 'refused') OR
    (accepted_at IS NOT NULL AND promised_due IS NOT NULL AND statutory_due IS NOT NULL)),
  ADD CONSTRAINT applications_decided_is_dated CHECK ((decided_at IS NULL) = (decision IS NULL) AND
    (state NOT IN ('approved', 'refused', 'not_accepted') OR decided_at IS NOT NULL));
CREATE TRIGGER applications_change_append_only BEFORE UPDATE OR DELETE ON applications_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
ALTER TABLE auth_citizen ADD CONSTRAINT auth_citizen_assurance
  CHECK (assurance IN ('platform', 'phone', 'real_name', 'face'));
ALTER TABLE auth_citizen ADD CONSTRAINT auth_citizen_real_name_is_somebody
  CHECK (assurance NOT IN ('real_name', 'face') OR (name_sealed IS NOT NULL AND id_number_index IS NOT NULL));
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_role CHECK (role IN ('owner', 'backup', 'supervisor', 'other'));
ALTER TABLE auth_session ADD CONSTRAINT auth_session_kind CHECK (kind IN ('citizen', 'staff'));
CREATE INDEX auth_refresh_token_current ON auth_refresh_token (session_id) WHERE used_at IS NULL;
CREATE TABLE "auth_scan" (
    "ticket_digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "secret_digest" VARCHAR(64) NOT NULL,
    "purpose" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "device_label" VARCHAR(40) NOT NULL,
    "address_sealed" BYTEA NOT NULL,
    "account" UUID,
    "account_session" UUID,
    "citizen" UUID,
    "citizen_session" UUID,
    "session" UUID  UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "scanned_at" TIMESTAMPTZ,
    "decided_at" TIMESTAMPTZ,
    "consumed_at" TIMESTAMPTZ
);
CREATE INDEX "idx_auth_scan_expires_344ca0" ON "auth_scan" ("expires_at");
COMMENT ON TABLE "auth_scan" IS 'A QR code on one device that a phone judges. Ticket and secret are known by their digests; the asking address is';
ALTER TABLE "auth_session" ADD COLUMN "label" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_purpose CHECK (purpose IN ('sign_in', 'bind'));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_state
  CHECK (state IN ('new', 'scanned', 'confirmed', 'consumed', 'refused'));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_scanned_by_somebody CHECK ((state = 'new') = (citizen IS NULL));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_confirmed_in_a_session
  CHECK (state NOT IN ('confirmed', 'consumed') OR citizen_session IS NOT NULL);
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_session_is_of_a_consumed_sign_in
  CHECK ((session IS NOT NULL) = (state = 'consumed' AND purpose = 'sign_in'));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_binds_an_account
  CHECK ((purpose = 'bind') = (account IS NOT NULL AND account_session IS NOT NULL));
ALTER TABLE auth_scan ADD CONSTRAINT auth_scan_is_short
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '120 seconds');

CREATE FUNCTION auth_scan_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (
    ('new', 'scanned'), ('scanned', 'confirmed'), ('scanned', 'refused'), ('confirmed', 'consumed'),
    ('confirmed', 'refused')
  ) OR (OLD.citizen IS NOT NULL AND OLD.citizen IS DISTINCT FROM NEW.citizen)
    OR OLD.secret_digest <> NEW.secret_digest OR OLD.expires_at <> NEW.expires_at
  THEN
    RAISE EXCEPTION 'a scan does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER auth_scan_moves_on BEFORE UPDATE ON auth_scan FOR EACH ROW EXECUTE FUNCTION auth_scan_moves_on();
CREATE TABLE "auth_phone_seal" (
    "digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "bearer" VARCHAR(64) NOT NULL,
    "dated" BOOL NOT NULL,
    "taken_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "auth_phone_seal" IS 'A sealed text that brought a phone number, and the identity it was taken from; both by blind index.';
CREATE TABLE "attestation_face_check" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "session" UUID NOT NULL,
    "reference_sealed" BYTEA NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "decided_at" TIMESTAMPTZ
);
CREATE INDEX "idx_attestation_session_5deab3" ON "attestation_face_check" ("session");
CREATE INDEX "idx_attestation_created_b95d79" ON "attestation_face_check" ("created_at");
COMMENT ON TABLE "attestation_face_check" IS 'One check of a face, for one sign-in session; its word is the office''s, asked by us.';
CREATE TABLE "attestation_name_claim" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "document" VARCHAR(20) NOT NULL,
    "name_sealed" BYTEA NOT NULL,
    "number_sealed" BYTEA NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "decided_by" UUID,
    "reason" VARCHAR(200) NOT NULL
);
CREATE INDEX "idx_attestation_citizen_ec23c7" ON "attestation_name_claim" ("citizen");
COMMENT ON TABLE "attestation_name_claim" IS 'A document no register is asked about: what its holder says it says, until staff have looked.';
CREATE TABLE "attestation_real_name" (
    "citizen" UUID NOT NULL  PRIMARY KEY,
    "document" VARCHAR(20) NOT NULL,
    "by" VARCHAR(64) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "attestation_real_name" IS 'By what document a citizen is verified, and by whom; name and number are in the citizen''s own row.';
ALTER TABLE attestation_name_claim ADD CONSTRAINT attestation_name_claim_state
  CHECK (state IN ('waiting', 'accepted', 'refused') AND (state = 'waiting') = (decided_at IS NULL));
CREATE UNIQUE INDEX attestation_one_waiting_claim ON attestation_name_claim (citizen) WHERE state = 'waiting';
ALTER TABLE attestation_face_check ADD CONSTRAINT attestation_face_check_state
  CHECK (state IN ('open', 'passed', 'failed') AND (state = 'open') = (decided_at IS NULL));
INSERT INTO attestation_real_name (citizen, document, by, at)
  SELECT id, 'resident_id', 'register', now() FROM auth_citizen WHERE id_number_index IS NOT NULL;
ALTER TABLE "attestation_name_claim" ADD COLUMN "photos" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "attestation_name_claim" ADD COLUMN "region_code" VARCHAR(12) NOT NULL DEFAULT '';
ALTER TABLE "auth_session" ADD COLUMN "proved_at" TIMESTAMPTZ;
ALTER TABLE "auth_session" ADD COLUMN "seen_at" TIMESTAMPTZ;
ALTER TABLE "auth_session" ADD COLUMN "way" VARCHAR(16) NOT NULL DEFAULT '';
ALTER TABLE "auth_session" ADD COLUMN "agent" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "auth_session" ADD COLUMN "came_from" VARCHAR(48) NOT NULL DEFAULT '';
UPDATE auth_duty d SET role = 'other' WHERE d.role = 'owner' AND EXISTS (
  SELECT 1 FROM auth_duty e WHERE e.role = 'owner' AND e.item_code = d.item_code AND e.region_code = d.region_code
    AND e.id < d.id AND daterange(e.valid_from, e.valid_to, '[]') && daterange(d.valid_from, d.valid_to, '[]'));
DO $$
DECLARE former text;
BEGIN
  SELECT conname INTO former FROM pg_constraint WHERE conrelid = 'auth_duty'::regclass AND contype = 'u';
  EXECUTE format('ALTER TABLE auth_duty DROP CONSTRAINT %I', former);
END $$;
CREATE FUNCTION auth_as_range(said text) RETURNS int8range LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN int8range(hashtextextended(said, 0), hashtextextended(said, 0), '[]');
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_days CHECK (valid_from IS NULL OR valid_to IS NULL OR valid_from <= valid_to);
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_one_owner EXCLUDE USING gist (
  auth_as_range(item_code || '|' || region_code) WITH &&, daterange(valid_from, valid_to, '[]') WITH &&)
  WHERE (role = 'owner');
ALTER TABLE auth_duty ADD CONSTRAINT auth_duty_once EXCLUDE USING gist (
  auth_as_range(item_code || '|' || region_code || '|' || role || '|' || staff_id::text) WITH &&,
  daterange(valid_from, valid_to, '[]') WITH &&);
CREATE TABLE "auth_person_read" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "staff_id" UUID NOT NULL,
    "citizen_id" UUID NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_auth_person_staff_i_221c6e" UNIQUE ("staff_id", "citizen_id")
);
COMMENT ON TABLE "auth_person_read" IS 'Who of the staff opened which citizen''s matter last when.';
CREATE FUNCTION auth_rights_key(person uuid) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN hashtextextended('rights:' || person::text, 8);

CREATE FUNCTION auth_hold_rights(person uuid) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE told jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(auth_rights_key(person));
  SELECT m.roles INTO told FROM auth_staff_member m WHERE m.id = person AND m.disabled_at IS NULL;
  RETURN told;
END $$;

CREATE FUNCTION auth_rights_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'auth_staff_member' THEN
    PERFORM pg_advisory_xact_lock(auth_rights_key(OLD.id));
  ELSE
    IF TG_OP <> 'INSERT' THEN PERFORM pg_advisory_xact_lock(auth_rights_key(OLD.staff_id)); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM pg_advisory_xact_lock(auth_rights_key(NEW.staff_id)); END IF;
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER auth_staff_rights_change BEFORE UPDATE ON auth_staff_member FOR EACH ROW
  WHEN (OLD.roles IS DISTINCT FROM NEW.roles OR OLD.disabled_at IS DISTINCT FROM NEW.disabled_at
        OR OLD.department_id IS DISTINCT FROM NEW.department_id)
  EXECUTE FUNCTION auth_rights_change();
CREATE TRIGGER auth_duty_rights_change BEFORE UPDATE OR DELETE ON auth_duty FOR EACH ROW
  EXECUTE FUNCTION auth_rights_change();
CREATE INDEX auth_person_read_lately ON auth_person_read (staff_id, at);
CREATE INDEX kit_audit_by_action ON kit_audit (action text_pattern_ops, seq DESC);
CREATE INDEX kit_audit_by_time ON kit_audit (at);
DROP TRIGGER auth_scan_moves_on ON auth_scan;
CREATE TRIGGER auth_scan_moves_on BEFORE UPDATE ON auth_scan FOR EACH ROW
  WHEN (to_jsonb(NEW) - 'address_sealed' IS DISTINCT FROM to_jsonb(OLD) - 'address_sealed')
  EXECUTE FUNCTION auth_scan_moves_on();
CREATE TABLE "bookings_place" (
    "code" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "name" JSONB NOT NULL,
    "address" JSONB NOT NULL,
    "phone" VARCHAR(40) NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL
);
COMMENT ON TABLE "bookings_place" IS 'A hall, or a counter of one. Guides name it by its Chinese name.';
CREATE TABLE "bookings_window" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "item_code" VARCHAR(40),
    "department_code" VARCHAR(32) NOT NULL,
    "weekday" INT NOT NULL,
    "starts" INT NOT NULL,
    "ends" INT NOT NULL,
    "minutes" INT NOT NULL,
    "seats" INT NOT NULL,
    "ended_on" DATE,
    "place_id" VARCHAR(32) NOT NULL REFERENCES "bookings_place" ("code") ON DELETE RESTRICT
);
CREATE INDEX "idx_bookings_wi_place_i_c9e6bc" ON "bookings_window" ("place_id");
COMMENT ON TABLE "bookings_window" IS 'One line of a place''s weekly table: on this weekday, between these minutes of the day, so many seats every so many';
CREATE TABLE "bookings_slot" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "seats" INT NOT NULL,
    "taken" INT NOT NULL,
    "closed_at" TIMESTAMPTZ,
    "closed_by" VARCHAR(80) NOT NULL,
    "close_reason" VARCHAR(200) NOT NULL,
    "window_id" UUID NOT NULL REFERENCES "bookings_window" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_bookings_sl_window__c58000" UNIQUE ("window_id", "starts_at")
);
CREATE INDEX "idx_bookings_sl_starts__62257f" ON "bookings_slot" ("starts_at");
COMMENT ON TABLE "bookings_slot" IS 'The seats of one window at one time. The row appears when somebody first wants it; the database counts.';
CREATE TABLE "bookings_booking" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "booked_by" UUID NOT NULL,
    "item_code" VARCHAR(40) NOT NULL,
    "item_name" JSONB NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "code" VARCHAR(12) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "checked_in_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "citizen_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT,
    "slot_id" UUID NOT NULL REFERENCES "bookings_slot" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_bookings_bo_citizen_b28355" ON "bookings_booking" ("citizen_id");
CREATE INDEX "idx_bookings_bo_slot_id_3a7a43" ON "bookings_booking" ("slot_id");
COMMENT ON TABLE "bookings_booking" IS 'A seat somebody holds. `citizen` is for whom it is; `booked_by` is who asked, themselves or under a mandate.';
CREATE TABLE "bookings_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "from_state" VARCHAR(12),
    "to_state" VARCHAR(12) NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "booking_id" UUID NOT NULL REFERENCES "bookings_booking" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_bookings_ch_booking_ebbcdf" ON "bookings_change" ("booking_id");
COMMENT ON TABLE "bookings_change" IS 'One thing that happened to a booking: who, when, why, from, to. Rows are never changed.';
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
CREATE TABLE "casefees_fee" (
    "application" UUID NOT NULL  PRIMARY KEY,
    "bill" UUID NOT NULL UNIQUE,
    "amount_fen" BIGINT NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "raised_at" TIMESTAMPTZ NOT NULL,
    "moved_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "casefees_fee" IS 'What a case costs as its guide publishes it, with the bill it is asked for by.';
ALTER TABLE casefees_fee
  ADD CONSTRAINT casefees_fee_amount CHECK (amount_fen > 0),
  ADD CONSTRAINT casefees_fee_state CHECK (state IN ('owed', 'paid', 'waived', 'ended', 'returning'));
CREATE TABLE "certificates_certificate" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "number" VARCHAR(40) NOT NULL UNIQUE,
    "identifier" VARCHAR(120) NOT NULL UNIQUE,
    "code" VARCHAR(32) NOT NULL UNIQUE,
    "application" UUID NOT NULL UNIQUE,
    "case_number" VARCHAR(32) NOT NULL,
    "item_code" VARCHAR(40) NOT NULL,
    "item_name" JSONB NOT NULL,
    "title" JSONB NOT NULL,
    "holder_sealed" BYTEA NOT NULL,
    "holder_masked" VARCHAR(64) NOT NULL,
    "id_number_masked" VARCHAR(32) NOT NULL,
    "issuer_code" VARCHAR(32) NOT NULL,
    "issuer" JSONB NOT NULL,
    "issued_at" TIMESTAMPTZ NOT NULL,
    "valid_until" DATE,
    "file_sha256" VARCHAR(64),
    "citizen_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_certificate_citizen_8ad21f" ON "certificates_certificate" ("citizen_id");
COMMENT ON TABLE "certificates_certificate" IS 'One issued document. The holder''s name is sealed; anybody with the code sees it masked only.';
CREATE TABLE "certificates_kind" (
    "item_code" VARCHAR(40) NOT NULL  PRIMARY KEY,
    "issuer_code" VARCHAR(32) NOT NULL,
    "ordinal" INT NOT NULL,
    CONSTRAINT "uid_certificate_issuer__e700d2" UNIQUE ("issuer_code", "ordinal")
);
COMMENT ON TABLE "certificates_kind" IS 'The kind of certificate an item ends in, numbered by its issuer: three digits of the identifier''s type code.';
CREATE TABLE "certificates_counter" (
    "key" VARCHAR(80) NOT NULL  PRIMARY KEY,
    "reached" BIGINT NOT NULL
);
COMMENT ON TABLE "certificates_counter" IS 'Running numbers: of an issuer''s certificates in a year, and of its kinds of certificates.';
CREATE FUNCTION certificates_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.file_sha256 IS NOT NULL
     OR to_jsonb(NEW) - 'file_sha256' IS DISTINCT FROM to_jsonb(OLD) - 'file_sha256' THEN
    RAISE EXCEPTION 'an issued certificate is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificates_stay BEFORE UPDATE OR DELETE ON certificates_certificate
  FOR EACH ROW EXECUTE FUNCTION certificates_stay();
CREATE OR REPLACE FUNCTION certificates_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.file_sha256 IS NOT NULL AND NEW.file_sha256 IS DISTINCT FROM OLD.file_sha256)
     OR to_jsonb(NEW) - '{file_sha256,holder_sealed,id_number_masked}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{file_sha256,holder_sealed,id_number_masked}'::text[] THEN
    RAISE EXCEPTION 'an issued certificate is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TABLE "chat_conversation" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "item_code" VARCHAR(40),
    "item_name" JSONB,
    "department_code" VARCHAR(32),
    "department_name" JSONB,
    "region_code" VARCHAR(12) NOT NULL,
    "application" UUID,
    "state" VARCHAR(16) NOT NULL,
    "awaiting" VARCHAR(8) NOT NULL,
    "answer_due_at" TIMESTAMPTZ,
    "queued_at" TIMESTAMPTZ,
    "inquiry_due_at" TIMESTAMPTZ,
    "reason_code" VARCHAR(32) NOT NULL,
    "tried" JSONB NOT NULL,
    "escalation" INT NOT NULL,
    "transfers" INT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "version" INT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "closed_at" TIMESTAMPTZ,
    "citizen_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT,
    "clerk_id" UUID REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_chat_conver_citizen_3f76aa" ON "chat_conversation" ("citizen_id");
CREATE INDEX "idx_chat_conver_clerk_i_5db5b7" ON "chat_conversation" ("clerk_id");
COMMENT ON TABLE "chat_conversation" IS 'One question of one citizen, until it is closed.';
CREATE TABLE "chat_conversation_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "from_state" VARCHAR(16),
    "to_state" VARCHAR(16) NOT NULL,
    "clerk" UUID,
    "reason_code" VARCHAR(32) NOT NULL,
    "note" VARCHAR(500) NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_chat_conver_convers_2188ac" ON "chat_conversation_change" ("conversation_id");
COMMENT ON TABLE "chat_conversation_change" IS 'One move of a conversation: who, when, why, from, to.';
CREATE TABLE "chat_inquiry" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "department_code" VARCHAR(32),
    "opened_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "warned_at" TIMESTAMPTZ,
    "taken_at" TIMESTAMPTZ,
    "answered_at" TIMESTAMPTZ,
    "answered_by" UUID,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_chat_inquir_convers_584ad8" ON "chat_inquiry" ("conversation_id");
COMMENT ON TABLE "chat_inquiry" IS 'A question nobody was there for: answered by its date, in working days.';
CREATE TABLE "chat_mark" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "side" VARCHAR(8) NOT NULL,
    "delivered" BIGINT NOT NULL,
    "read" BIGINT NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_chat_mark_convers_118494" UNIQUE ("conversation_id", "side")
);
COMMENT ON TABLE "chat_mark" IS 'How far a side has been delivered to, and has read. Neither number ever falls.';
CREATE TABLE "chat_message" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "sender_role" VARCHAR(8) NOT NULL,
    "sender" UUID,
    "sender_name" VARCHAR(64) NOT NULL,
    "client_id" VARCHAR(64),
    "kind" VARCHAR(8) NOT NULL,
    "body" JSONB NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_chat_messag_convers_282787" UNIQUE ("conversation_id", "seq"),
    CONSTRAINT "uid_chat_messag_sender_9b605e" UNIQUE ("sender", "client_id")
);
COMMENT ON TABLE "chat_message" IS 'A word, picture, card or notice, at its one place in the conversation. Written by `chat_append` only.';
CREATE TABLE "chat_note" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "after_seq" BIGINT NOT NULL,
    "author" UUID NOT NULL,
    "author_name" VARCHAR(64) NOT NULL,
    "client_id" VARCHAR(64) NOT NULL,
    "body" JSONB NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_chat_note_author_0ecc68" UNIQUE ("author", "client_id")
);
CREATE INDEX "idx_chat_note_convers_fd4c83" ON "chat_note" ("conversation_id");
COMMENT ON TABLE "chat_note" IS 'An internal note. It stands beside the sequence, after message `after_seq`: citizens see neither it nor a gap.';
CREATE TABLE "chat_presence" (
    "status" VARCHAR(8) NOT NULL,
    "capacity" INT NOT NULL,
    "auto_accept" BOOL NOT NULL,
    "seen_at" TIMESTAMPTZ NOT NULL,
    "left_at" TIMESTAMPTZ,
    "staff_id" UUID NOT NULL  PRIMARY KEY REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "chat_presence" IS 'A clerk at the desk. Present is who chose `online` or `busy`, was seen a moment ago and has not left.';
CREATE TABLE "chat_rating" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "clerk" UUID,
    "level" INT NOT NULL,
    "reasons" JSONB NOT NULL,
    "comment" VARCHAR(500) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "conversation_id" UUID NOT NULL UNIQUE REFERENCES "chat_conversation" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "chat_rating" IS 'What the citizen says of a closed conversation, once: level 1 very bad … 5 very good.';
ALTER TABLE chat_conversation ADD CONSTRAINT chat_conversation_never_alone CHECK (CASE state
  WHEN 'queued' THEN queued_at IS NOT NULL AND clerk_id IS NULL AND answer_due_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'offered' THEN clerk_id IS NOT NULL AND answer_due_at IS NOT NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'assigned' THEN clerk_id IS NOT NULL AND answer_due_at IS NOT NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  WHEN 'inquiry' THEN inquiry_due_at IS NOT NULL AND clerk_id IS NULL AND answer_due_at IS NULL AND queued_at IS NULL
  WHEN 'closed' THEN closed_at IS NOT NULL AND answer_due_at IS NULL AND queued_at IS NULL AND inquiry_due_at IS NULL
  ELSE false END);
ALTER TABLE chat_conversation ADD CONSTRAINT chat_conversation_awaiting CHECK (awaiting IN ('clerk', 'citizen'));
ALTER TABLE chat_message ADD CONSTRAINT chat_message_counts CHECK (seq >= 1);
ALTER TABLE chat_message ADD CONSTRAINT chat_message_sender CHECK (
  sender_role IN ('citizen', 'clerk', 'system') AND (sender_role = 'system') = (sender IS NULL));
ALTER TABLE chat_mark ADD CONSTRAINT chat_mark_order CHECK (read >= 0 AND delivered >= read AND side IN ('citizen', 'clerk'));
ALTER TABLE chat_rating ADD CONSTRAINT chat_rating_level CHECK (level BETWEEN 1 AND 5);
ALTER TABLE chat_presence ADD CONSTRAINT chat_presence_status CHECK (status IN ('online', 'busy', 'away') AND capacity BETWEEN 1 AND 100);
CREATE INDEX chat_conversation_open ON chat_conversation (state) WHERE state <> 'closed';
CREATE INDEX chat_conversation_queue ON chat_conversation (department_code, queued_at) WHERE state = 'queued';
CREATE UNIQUE INDEX chat_inquiry_one_open ON chat_inquiry (conversation_id) WHERE taken_at IS NULL;

-- A conversation's row changes with every message: room on the page keeps those updates off the indexes.
ALTER TABLE chat_conversation SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE chat_mark SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);

-- A conversation in state `inquiry` has its open inquiry row at commit, and no other has one.
CREATE FUNCTION chat_inquiry_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE concerned uuid; waiting boolean; dated boolean;
BEGIN
  IF TG_TABLE_NAME = 'chat_inquiry' THEN concerned := NEW.conversation_id; ELSE concerned := NEW.id; END IF;
  SELECT state = 'inquiry' INTO waiting FROM chat_conversation WHERE id = concerned;
  SELECT EXISTS (SELECT 1 FROM chat_inquiry WHERE conversation_id = concerned AND taken_at IS NULL) INTO dated;
  IF waiting IS DISTINCT FROM dated THEN
    RAISE EXCEPTION 'conversation % and its inquiry do not fit', concerned USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chat_inquiry_fits AFTER INSERT OR UPDATE ON chat_inquiry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_inquiry_fits();
CREATE CONSTRAINT TRIGGER chat_conversation_inquiry_fits AFTER UPDATE OF state ON chat_conversation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION chat_inquiry_fits();
CREATE CONSTRAINT TRIGGER chat_conversation_inquiry_fits_new AFTER INSERT ON chat_conversation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_inquiry_fits();

-- The one writer of chat_message: a group of messages, each judged, numbered and stored, or answered as a repeat.
-- Outcomes: stored, repeat (same sender, client_id and content), conflict (same id, other content), closed, absent.
CREATE FUNCTION chat_append(
  conversations uuid[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text
) RETURNS TABLE (place bigint, outcome text, message_id uuid, message_seq bigint, message_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM chat_conversation c WHERE c.id = ANY (conversations) ORDER BY c.id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH incoming AS (
    SELECT * FROM unnest(conversations, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
      WITH ORDINALITY AS t (conversation, role, sender, name, client_id, kind, body, id, nth)
  ), judged AS (
    SELECT i.*, c.last_seq, k.id AS known_id, k.seq AS known_seq, k.at AS known_at, CASE
        WHEN k.id IS NOT NULL THEN
          CASE WHEN k.conversation_id = i.conversation AND k.kind = i.kind AND k.body = i.body THEN 'repeat' ELSE 'conflict' END
        WHEN c.id IS NULL OR (i.role = 'citizen' AND c.citizen_id <> i.sender)
          OR (i.role = 'clerk' AND c.clerk_id IS DISTINCT FROM i.sender) THEN 'absent'
        WHEN c.state = 'closed' AND i.role <> 'system' THEN 'closed'
        WHEN i.role = 'clerk' AND c.state <> 'assigned' THEN 'absent'
        ELSE 'stored' END AS verdict
    FROM incoming i
    LEFT JOIN chat_conversation c ON c.id = i.conversation
    LEFT JOIN chat_message k ON k.sender = i.sender AND k.client_id = i.client_id
  ), numbered AS (
    SELECT j.*, j.last_seq + row_number() OVER (PARTITION BY j.conversation ORDER BY j.nth) AS seq
    FROM judged j WHERE j.verdict = 'stored'
  ), written AS (
    INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
    SELECT n.id, n.conversation, n.seq, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at FROM numbered n
  ), tops AS (
    SELECT n.conversation, max(n.seq) AS top,
      (array_agg(n.role ORDER BY n.nth DESC) FILTER (WHERE n.role <> 'system'))[1] AS last_word
    FROM numbered n GROUP BY n.conversation
  ), bumped AS (
    UPDATE chat_conversation c SET last_seq = t.top,
      awaiting = CASE t.last_word WHEN 'citizen' THEN 'clerk' WHEN 'clerk' THEN 'citizen' ELSE c.awaiting END,
      escalation = CASE WHEN t.last_word = 'clerk' THEN 0 ELSE c.escalation END,
      answer_due_at = CASE
        WHEN c.state <> 'assigned' THEN c.answer_due_at
        WHEN t.last_word = 'clerk' THEN sent_at + make_interval(secs => idle_s)
        WHEN t.last_word = 'citizen' AND c.awaiting = 'citizen' THEN sent_at + make_interval(secs => answer_s)
        ELSE c.answer_due_at END
    FROM tops t WHERE c.id = t.conversation
  ), told AS (
    SELECT pg_notify('handheld_chat', json_build_object('o', origin, 's', json_agg(json_build_array(t.conversation, t.top)))::text)
    FROM (SELECT x.*, row_number() OVER () / 100 AS part FROM tops x) t WHERE origin IS NOT NULL GROUP BY part
  )
  SELECT j.nth, j.verdict, coalesce(j.known_id, j.id), coalesce(j.known_seq, n.seq), coalesce(j.known_at, sent_at)
  FROM judged j LEFT JOIN numbered n ON n.nth = j.nth LEFT JOIN (SELECT count(*) AS told_parts FROM told) AS s ON true ORDER BY j.nth;
END $$;
CREATE OR REPLACE FUNCTION chat_append(
  conversations uuid[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text
) RETURNS TABLE (place bigint, outcome text, message_id uuid, message_seq bigint, message_at timestamptz)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
BEGIN
  PERFORM 1 FROM chat_conversation c WHERE c.id = ANY (conversations) ORDER BY c.id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH judged AS MATERIALIZED (
    SELECT i.*, c.last_seq, k.id AS known_id, k.seq AS known_seq, k.at AS known_at, CASE
        WHEN k.id IS NOT NULL THEN
          CASE WHEN k.conversation_id = i.conversation AND k.kind = i.kind AND k.body = i.body THEN 'repeat' ELSE 'conflict' END
        WHEN c.id IS NULL OR (i.role = 'citizen' AND c.citizen_id <> i.sender)
          OR (i.role = 'clerk' AND c.clerk_id IS DISTINCT FROM i.sender) THEN 'absent'
        WHEN c.state = 'closed' AND i.role <> 'system' THEN 'closed'
        WHEN i.role = 'clerk' AND c.state <> 'assigned' THEN 'absent'
        ELSE 'stored' END AS verdict
    FROM unnest(conversations, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
      WITH ORDINALITY AS i (conversation, role, sender, name, client_id, kind, body, id, nth)
    LEFT JOIN chat_conversation c ON c.id = i.conversation
    LEFT JOIN chat_message k ON k.sender = i.sender AND k.client_id = i.client_id
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_seq
      + count(*) FILTER (WHERE j.verdict = 'stored') OVER (PARTITION BY j.conversation ORDER BY j.nth) AS seq
    FROM judged j
  ), written AS (
    INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
    SELECT n.id, n.conversation, n.seq, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at
    FROM numbered n WHERE n.verdict = 'stored'
  ), tops AS MATERIALIZED (
    SELECT n.conversation, max(n.seq) AS top,
      (array_agg(n.role ORDER BY n.nth DESC) FILTER (WHERE n.role <> 'system'))[1] AS last_word
    FROM numbered n WHERE n.verdict = 'stored' GROUP BY n.conversation
  ), bumped AS (
    UPDATE chat_conversation c SET last_seq = t.top,
      awaiting = CASE t.last_word WHEN 'citizen' THEN 'clerk' WHEN 'clerk' THEN 'citizen' ELSE c.awaiting END,
      escalation = CASE WHEN t.last_word = 'clerk' THEN 0 ELSE c.escalation END,
      answer_due_at = CASE
        WHEN c.state <> 'assigned' THEN c.answer_due_at
        WHEN t.last_word = 'clerk' THEN sent_at + make_interval(secs => idle_s)
        WHEN t.last_word = 'citizen' AND c.awaiting = 'citizen' THEN sent_at + make_interval(secs => answer_s)
        ELSE c.answer_due_at END
    FROM tops t WHERE c.id = t.conversation
  ), told AS (
    SELECT pg_notify('handheld_chat', json_build_object('o', origin, 's', json_agg(json_build_array(t.conversation, t.top)))::text)
    FROM (SELECT x.*, row_number() OVER () / 100 AS part FROM tops x) t WHERE origin IS NOT NULL GROUP BY part
  )
  SELECT n.nth, n.verdict, coalesce(n.known_id, n.id), coalesce(n.known_seq, n.seq), coalesce(n.known_at, sent_at)
  FROM numbered n WHERE (SELECT count(*) FROM told) >= 0 ORDER BY n.nth;
END $$;
ALTER TABLE "chat_conversation" ADD COLUMN "declined" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "chat_conversation" ADD COLUMN "returns_to" UUID;
ALTER TABLE chat_conversation ADD CONSTRAINT chat_conversation_returns_an_offer
  CHECK (returns_to IS NULL OR (state = 'offered' AND returns_to <> clerk_id));
CREATE INDEX chat_conversation_returns_to ON chat_conversation (returns_to) WHERE returns_to IS NOT NULL;
ALTER TABLE "chat_conversation" ADD COLUMN "on_behalf_of" UUID;
CREATE INDEX chat_conversation_latest ON chat_conversation (created_at DESC, id DESC);
ALTER TABLE "chat_message" ADD COLUMN "changed" BIGINT;
ALTER TABLE "chat_message" ADD COLUMN "recalled" BOOL NOT NULL DEFAULT FALSE;
ALTER TABLE chat_message ADD CONSTRAINT chat_message_change_of CHECK (
  kind NOT IN ('edit', 'recall') OR (changed IS NULL AND NOT recalled));
ALTER TABLE chat_message ADD CONSTRAINT chat_message_changed_later CHECK (changed > seq);

CREATE VIEW chat_message_shown AS
SELECT m.id, m.conversation_id, m.seq, m.sender_role, m.sender, m.sender_name, m.client_id, m.kind, CASE
    WHEN x.kind = 'recall' AND m.kind = 'edit' THEN jsonb_build_object('of', m.body->'of')
    WHEN x.kind = 'recall' THEN '{}'::jsonb
    WHEN x.kind = 'edit' THEN m.body || (x.body - 'of')
    ELSE m.body END AS body,
  m.at, coalesce(x.kind = 'edit' AND m.kind <> 'edit', false) AS edited, coalesce(x.kind = 'recall', false) AS recalled
FROM chat_message m
LEFT JOIN chat_message o ON o.conversation_id = m.conversation_id
  AND o.seq = CASE WHEN m.kind = 'edit' THEN (m.body->>'of')::bigint END
LEFT JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.seq = coalesce(o.changed, m.changed);

DROP FUNCTION chat_append;
CREATE FUNCTION chat_append(
  conversations uuid[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text, edit_s int DEFAULT 0, recall_s int DEFAULT 0
) RETURNS TABLE (place bigint, outcome text, message_id uuid, message_seq bigint, message_at timestamptz)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
BEGIN
  PERFORM 1 FROM chat_conversation c WHERE c.id = ANY (conversations) ORDER BY c.id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH judged AS MATERIALIZED (
    SELECT i.*, c.last_seq, k.id AS known_id, k.seq AS known_seq, k.at AS known_at, o.seq AS original, CASE
        WHEN k.id IS NOT NULL THEN
          CASE WHEN k.conversation_id = i.conversation AND k.kind = i.kind AND k.body = i.body THEN 'repeat' ELSE 'conflict' END
        WHEN c.id IS NULL OR (i.role = 'citizen' AND c.citizen_id <> i.sender)
          OR (i.role = 'clerk' AND c.clerk_id IS DISTINCT FROM i.sender) THEN 'absent'
        WHEN c.state = 'closed' AND i.role <> 'system' THEN 'closed'
        WHEN i.role = 'clerk' AND c.state <> 'assigned' THEN 'absent'
        WHEN i.kind NOT IN ('edit', 'recall') THEN 'stored'
        WHEN o.id IS NULL THEN 'unknown'
        WHEN o.sender IS DISTINCT FROM i.sender THEN 'foreign'
        WHEN o.recalled THEN 'recalled'
        WHEN o.kind <> 'text' AND (i.kind = 'edit' OR o.kind NOT IN ('image', 'card')) THEN 'fixed'
        WHEN extract(epoch FROM greatest(sent_at - o.at, interval '0'))
          >= CASE i.kind WHEN 'edit' THEN edit_s ELSE recall_s END THEN 'late'
        ELSE 'stored' END AS verdict
    FROM unnest(conversations, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
      WITH ORDINALITY AS i (conversation, role, sender, name, client_id, kind, body, id, nth)
    LEFT JOIN chat_conversation c ON c.id = i.conversation
    LEFT JOIN chat_message k ON k.sender = i.sender AND k.client_id = i.client_id
    LEFT JOIN chat_message o ON o.conversation_id = i.conversation
      AND o.seq = CASE WHEN i.kind IN ('edit', 'recall') THEN (i.body->>'of')::bigint END
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_seq
      + count(*) FILTER (WHERE j.verdict = 'stored') OVER (PARTITION BY j.conversation ORDER BY j.nth) AS seq
    FROM judged j
  ), written AS (
    INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
    SELECT n.id, n.conversation, n.seq, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at
    FROM numbered n WHERE n.verdict = 'stored'
  ), pointed AS (
    UPDATE chat_message o SET changed = n.top, recalled = n.taken_back
    FROM (SELECT x.conversation, x.original, max(x.seq) AS top, bool_or(x.kind = 'recall') AS taken_back
      FROM numbered x WHERE x.verdict = 'stored' AND x.original IS NOT NULL GROUP BY 1, 2) n
    WHERE o.conversation_id = n.conversation AND o.seq = n.original
  ), tops AS MATERIALIZED (
    SELECT n.conversation, max(n.seq) AS top,
      (array_agg(n.role ORDER BY n.nth DESC) FILTER (WHERE n.role <> 'system' AND n.original IS NULL))[1] AS last_word
    FROM numbered n WHERE n.verdict = 'stored' GROUP BY n.conversation
  ), bumped AS (
    UPDATE chat_conversation c SET last_seq = t.top,
      awaiting = CASE t.last_word WHEN 'citizen' THEN 'clerk' WHEN 'clerk' THEN 'citizen' ELSE c.awaiting END,
      escalation = CASE WHEN t.last_word = 'clerk' THEN 0 ELSE c.escalation END,
      answer_due_at = CASE
        WHEN c.state <> 'assigned' THEN c.answer_due_at
        WHEN t.last_word = 'clerk' THEN sent_at + make_interval(secs => idle_s)
        WHEN t.last_word = 'citizen' AND c.awaiting = 'citizen' THEN sent_at + make_interval(secs => answer_s)
        ELSE c.answer_due_at END
    FROM tops t WHERE c.id = t.conversation
  ), told AS (
    SELECT pg_notify('handheld_chat', json_build_object('o', origin, 's', json_agg(json_build_array(t.conversation, t.top)))::text)
    FROM (SELECT x.*, row_number() OVER () / 100 AS part FROM tops x) t WHERE origin IS NOT NULL GROUP BY part
  )
  SELECT n.nth, n.verdict, coalesce(n.known_id, n.id), coalesce(n.known_seq, n.seq), coalesce(n.known_at, sent_at)
  FROM numbered n WHERE (SELECT count(*) FROM told) >= 0 ORDER BY n.nth;
END $$;
CREATE TABLE "chat_wait" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "department_code" VARCHAR(32),
    "item_code" VARCHAR(40),
    "place" INT NOT NULL,
    "clerks" INT NOT NULL,
    "entered_at" TIMESTAMPTZ NOT NULL,
    "left_at" TIMESTAMPTZ,
    "outcome" VARCHAR(8) NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_chat_wait_convers_2dc89c" ON "chat_wait" ("conversation_id");
COMMENT ON TABLE "chat_wait" IS 'A stay in a queue: since when, at which place it began, how it ended. `outcome`: served, left (the citizen closed),';
ALTER TABLE "chat_inquiry" ADD COLUMN "asked_by" VARCHAR(8) NOT NULL DEFAULT 'office';
ALTER TABLE "chat_inquiry" ADD COLUMN "half_at" TIMESTAMPTZ;
ALTER TABLE "chat_inquiry" ADD COLUMN "owner" UUID;
ALTER TABLE "chat_inquiry" ADD COLUMN "rung" INT NOT NULL DEFAULT 0;
ALTER TABLE "chat_inquiry" ADD COLUMN "rung_at" TIMESTAMPTZ;
ALTER TABLE "chat_inquiry" ADD COLUMN "soon_at" TIMESTAMPTZ;
ALTER TABLE "chat_inquiry" ADD COLUMN "warned_soon_at" TIMESTAMPTZ;
ALTER TABLE chat_wait ADD CONSTRAINT chat_wait_whole CHECK (place >= 1 AND clerks >= 0
  AND outcome IN ('', 'served', 'left', 'message', 'inquiry', 'moved') AND (left_at IS NULL) = (outcome = ''));
CREATE UNIQUE INDEX chat_wait_one_open ON chat_wait (conversation_id) WHERE left_at IS NULL;
CREATE INDEX chat_wait_served ON chat_wait (coalesce(department_code, ''), left_at DESC) WHERE outcome = 'served';
CREATE INDEX chat_wait_entered ON chat_wait (entered_at);
CREATE INDEX chat_conversation_line ON chat_conversation ((coalesce(department_code, '')), created_at, id)
  WHERE state = 'queued';
ALTER TABLE chat_inquiry ADD CONSTRAINT chat_inquiry_whole CHECK (asked_by IN ('office', 'citizen') AND rung >= 0);
CREATE INDEX chat_inquiry_open ON chat_inquiry (due_at) WHERE taken_at IS NULL;
CREATE INDEX chat_inquiry_owner ON chat_inquiry (owner) WHERE taken_at IS NULL;

CREATE OR REPLACE FUNCTION chat_inquiry_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE several uuid[]; concerned uuid; shown timestamptz; dated timestamptz; known boolean;
BEGIN
  IF TG_TABLE_NAME = 'chat_conversation' THEN several := ARRAY[NEW.id];
  ELSIF TG_OP = 'DELETE' THEN several := ARRAY[OLD.conversation_id];
  ELSIF TG_OP = 'UPDATE' THEN several := ARRAY[OLD.conversation_id, NEW.conversation_id];
  ELSE several := ARRAY[NEW.conversation_id]; END IF;
  FOREACH concerned IN ARRAY several LOOP
    SELECT true, CASE WHEN state = 'inquiry' THEN inquiry_due_at END INTO known, shown
      FROM chat_conversation WHERE id = concerned;
    SELECT due_at INTO dated FROM chat_inquiry WHERE conversation_id = concerned AND taken_at IS NULL;
    IF known AND shown IS DISTINCT FROM dated THEN
      RAISE EXCEPTION 'conversation % and its inquiry do not fit', concerned USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
DROP TRIGGER chat_inquiry_fits ON chat_inquiry;
CREATE CONSTRAINT TRIGGER chat_inquiry_fits AFTER INSERT OR UPDATE OR DELETE ON chat_inquiry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_inquiry_fits();
DROP TRIGGER chat_conversation_inquiry_fits ON chat_conversation;
CREATE CONSTRAINT TRIGGER chat_conversation_inquiry_fits AFTER UPDATE OF state, inquiry_due_at ON chat_conversation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.inquiry_due_at IS DISTINCT FROM NEW.inquiry_due_at)
  EXECUTE FUNCTION chat_inquiry_fits();
CREATE FUNCTION chat_inquiry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'inquiries are not emptied out' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER chat_inquiry_stays BEFORE TRUNCATE ON chat_inquiry EXECUTE FUNCTION chat_inquiry_stays();
CREATE FUNCTION chat_append_new(
  conversations uuid[], citizens uuid[], clerks uuid[], many int[], last_words text[],
  places int[], steps int[], roles text[], senders uuid[], names text[], client_ids text[], kinds text[], bodies text[],
  ids uuid[], sent_at timestamptz, answer_s int, idle_s int, origin text
) RETURNS bigint[]
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
DECLARE tops bigint[];
BEGIN
  WITH bumped AS (
    UPDATE chat_conversation c SET last_seq = c.last_seq + t.many,
      awaiting = CASE t.last_word WHEN 'citizen' THEN 'clerk' ELSE 'citizen' END,
      escalation = CASE t.last_word WHEN 'clerk' THEN 0 ELSE c.escalation END,
      answer_due_at = CASE
        WHEN c.state <> 'assigned' THEN c.answer_due_at
        WHEN t.last_word = 'clerk' THEN sent_at + make_interval(secs => idle_s)
        WHEN c.awaiting = 'citizen' THEN sent_at + make_interval(secs => answer_s)
        ELSE c.answer_due_at END
    FROM unnest(conversations, citizens, clerks, many, last_words)
      WITH ORDINALITY AS t (id, citizen, clerk, many, last_word, nth)
    WHERE c.id = t.id AND c.state <> 'closed' AND (t.citizen IS NULL OR c.citizen_id = t.citizen)
      AND (t.clerk IS NULL OR (c.clerk_id = t.clerk AND c.state = 'assigned'))
    RETURNING t.nth, c.last_seq
  ) SELECT array_agg(b.last_seq ORDER BY b.nth) INTO tops FROM bumped b;
  IF cardinality(tops) IS DISTINCT FROM cardinality(conversations) THEN
    RAISE no_data_found USING MESSAGE = 'a message of the group is not simply stored';
  END IF;
  INSERT INTO chat_message (id, conversation_id, seq, sender_role, sender, sender_name, client_id, kind, body, at)
  SELECT n.id, conversations[n.place], tops[n.place] - n.step, n.role, n.sender, n.name, n.client_id, n.kind, n.body, sent_at
  FROM unnest(places, steps, roles, senders, names, client_ids, kinds, bodies::jsonb[], ids)
    AS n (place, step, role, sender, name, client_id, kind, body, id);
  IF origin IS NOT NULL THEN
    PERFORM pg_notify('handheld_chat', json_build_object('o', origin, 's',
      json_agg(json_build_array(conversations[i], tops[i])))::text) FROM generate_subscripts(conversations, 1) i GROUP BY i / 100;
  END IF;
  RETURN tops;
END $$;

ALTER TABLE chat_message DROP CONSTRAINT IF EXISTS chat_message_conversation_id_fkey;
CREATE FUNCTION chat_conversation_keeps_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM chat_message WHERE conversation_id = OLD.id) THEN
    RAISE EXCEPTION 'conversation % has messages', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER chat_conversation_keeps_messages BEFORE DELETE ON chat_conversation
  FOR EACH ROW EXECUTE FUNCTION chat_conversation_keeps_messages();
CREATE TABLE "payments_bill" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "payment_code" VARCHAR(32) NOT NULL UNIQUE,
    "kind" VARCHAR(32) NOT NULL,
    "title" JSONB NOT NULL,
    "income_item_code" VARCHAR(32) NOT NULL,
    "income_item_name" JSONB NOT NULL,
    "legal_basis" JSONB NOT NULL,
    "note" JSONB,
    "payer_name_sealed" BYTEA NOT NULL,
    "payer_id_number_index" VARCHAR(64),
    "payer_phone_index" VARCHAR(64),
    "principal_fen" BIGINT NOT NULL,
    "received_on" DATE,
    "due_on" DATE NOT NULL,
    "surcharge_rule" VARCHAR(32) NOT NULL,
    "stays" JSONB NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "version" INT NOT NULL,
    "paid_fen" BIGINT NOT NULL,
    "paid_at" TIMESTAMPTZ,
    "issued_at" TIMESTAMPTZ NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "department_id" VARCHAR(32) NOT NULL REFERENCES "auth_department" ("code") ON DELETE CASCADE
);
CREATE INDEX "idx_payments_bi_payer_i_780b2c" ON "payments_bill" ("payer_id_number_index");
CREATE INDEX "idx_payments_bi_payer_p_c39f59" ON "payments_bill" ("payer_phone_index");
CREATE INDEX "idx_payments_bi_departm_e0d92d" ON "payments_bill" ("department_id");
COMMENT ON TABLE "payments_bill" IS '缴款书: principal and lines never change after issue; what is due today is computed.';
CREATE TABLE "payments_bill_line" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "place" INT NOT NULL,
    "name" JSONB NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "basis" JSONB NOT NULL,
    "explanation" JSONB NOT NULL,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_bi_bill_id_fc47b3" UNIQUE ("bill_id", "place")
);
CREATE INDEX "idx_payments_bi_bill_id_af3fbe" ON "payments_bill_line" ("bill_id");
COMMENT ON TABLE "payments_bill_line" IS 'One part of the principal, with the sentence that explains it.';
CREATE TABLE "payments_ledger_entry" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "reference" VARCHAR(64) NOT NULL,
    CONSTRAINT "uid_payments_le_kind_1a8526" UNIQUE ("kind", "reference")
);
CREATE INDEX "idx_payments_le_at_514501" ON "payments_ledger_entry" ("at");
COMMENT ON TABLE "payments_ledger_entry" IS 'One happening in the books; its postings sum to zero. Never changed, only countered.';
CREATE TABLE "payments_notice" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "channel" VARCHAR(16) NOT NULL,
    "sender_id" VARCHAR(128) NOT NULL,
    "event" VARCHAR(64) NOT NULL,
    "content" BYTEA NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "deliveries" INT NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL,
    "settled_at" TIMESTAMPTZ,
    CONSTRAINT "uid_payments_no_channel_648f81" UNIQUE ("channel", "sender_id")
);
COMMENT ON TABLE "payments_notice" IS 'What a channel told us, exactly as it came, before anybody believed it.';
CREATE TABLE "payments_order" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "number" VARCHAR(32) NOT NULL UNIQUE,
    "channel" VARCHAR(16) NOT NULL,
    "scene" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "description" VARCHAR(120) NOT NULL,
    "open_id" VARCHAR(128) NOT NULL,
    "prepay" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "confirming_since" TIMESTAMPTZ,
    "checks" INT NOT NULL,
    "last_check_at" TIMESTAMPTZ,
    "next_check_at" TIMESTAMPTZ,
    "transaction_id" VARCHAR(64),
    "paid_at" TIMESTAMPTZ,
    "citizen_id" UUID NOT NULL REFERENCES "auth_citizen" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_payments_or_citizen_7b1937" ON "payments_order" ("citizen_id");
COMMENT ON TABLE "payments_order" IS 'One attempt: an amount, a channel, a number the channel knows it by.';
CREATE TABLE "payments_order_bill" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "principal_fen" BIGINT NOT NULL,
    "surcharge_fen" BIGINT NOT NULL,
    "bill_version" INT NOT NULL,
    "holding" BOOL NOT NULL,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE,
    "order_id" UUID NOT NULL REFERENCES "payments_order" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_or_order_i_c66c35" UNIQUE ("order_id", "bill_id")
);
CREATE INDEX "idx_payments_or_bill_id_fc7ece" ON "payments_order_bill" ("bill_id");
CREATE INDEX "idx_payments_or_order_i_f70c5e" ON "payments_order_bill" ("order_id");
COMMENT ON TABLE "payments_order_bill" IS 'What an order pays of a bill. `holding` rows are unique per bill: one live order, and one that settled.';
CREATE TABLE "payments_order_change" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "from_state" VARCHAR(16) NOT NULL,
    "to_state" VARCHAR(16) NOT NULL,
    "who" VARCHAR(80) NOT NULL,
    "why" VARCHAR(120) NOT NULL,
    "order_id" UUID NOT NULL REFERENCES "payments_order" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_payments_or_order_i_48b9c3" ON "payments_order_change" ("order_id");
CREATE TABLE "payments_payment" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "channel" VARCHAR(16) NOT NULL,
    "transaction_id" VARCHAR(64) NOT NULL,
    "number" VARCHAR(32) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "outcome" VARCHAR(16) NOT NULL,
    "paid_at" TIMESTAMPTZ NOT NULL,
    "learned_at" TIMESTAMPTZ NOT NULL,
    "learned_by" VARCHAR(16) NOT NULL,
    "order_id" UUID NOT NULL REFERENCES "payments_order" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_pa_channel_c6c3a7" UNIQUE ("channel", "transaction_id")
);
CREATE INDEX "idx_payments_pa_number_40fe3a" ON "payments_payment" ("number");
CREATE INDEX "idx_payments_pa_paid_at_a4f5dc" ON "payments_payment" ("paid_at");
CREATE INDEX "idx_payments_pa_order_i_858655" ON "payments_payment" ("order_id");
COMMENT ON TABLE "payments_payment" IS 'Money a channel took for an order. `outcome`: settled, surplus (goes back) or disputed (finance decides).';
CREATE TABLE "payments_exception" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(32) NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "reference" VARCHAR(128) NOT NULL,
    "detail" JSONB NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "resolved_at" TIMESTAMPTZ,
    CONSTRAINT "uid_payments_ex_kind_97feaa" UNIQUE ("kind", "channel", "reference")
);
COMMENT ON TABLE "payments_exception" IS 'Something about money that rules must not decide alone.';
CREATE TABLE "payments_posting" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "account" VARCHAR(96) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "entry_id" UUID NOT NULL REFERENCES "payments_ledger_entry" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_payments_po_account_9ee8f2" ON "payments_posting" ("account");
CREATE INDEX "idx_payments_po_entry_i_9b7062" ON "payments_posting" ("entry_id");
COMMENT ON TABLE "payments_posting" IS 'Debit positive, credit negative, in fen.';
CREATE TABLE "payments_receipt" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "code" VARCHAR(8) NOT NULL,
    "number" VARCHAR(10) NOT NULL,
    "check_code" VARCHAR(6) NOT NULL,
    "verify_code" VARCHAR(32) NOT NULL UNIQUE,
    "amount_fen" BIGINT NOT NULL,
    "lines" JSONB NOT NULL,
    "issuer" VARCHAR(120) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "issued_at" TIMESTAMPTZ NOT NULL,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE,
    "order_id" UUID NOT NULL REFERENCES "payments_order" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_re_code_50342b" UNIQUE ("code", "number")
);
CREATE INDEX "idx_payments_re_bill_id_eb2d26" ON "payments_receipt" ("bill_id");
CREATE INDEX "idx_payments_re_order_i_552bfb" ON "payments_receipt" ("order_id");
COMMENT ON TABLE "payments_receipt" IS '财政电子票据: 8-digit code, 10-digit number, 6-character check code; a snapshot of what was paid.';
CREATE TABLE "payments_refund" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "number" VARCHAR(40) NOT NULL UNIQUE,
    "amount_fen" BIGINT NOT NULL,
    "reason" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "requested_by" VARCHAR(80) NOT NULL,
    "approved_by" VARCHAR(80),
    "requested_at" TIMESTAMPTZ NOT NULL,
    "accepted_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    "channel_refund_id" VARCHAR(64),
    "checks" INT NOT NULL,
    "next_check_at" TIMESTAMPTZ,
    "order_id" UUID NOT NULL REFERENCES "payments_order" ("id") ON DELETE CASCADE,
    "payment_id" UUID NOT NULL REFERENCES "payments_payment" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_payments_re_accepte_f53195" ON "payments_refund" ("accepted_at");
CREATE INDEX "idx_payments_re_order_i_2a3947" ON "payments_refund" ("order_id");
CREATE INDEX "idx_payments_re_payment_8d8be8" ON "payments_refund" ("payment_id");
COMMENT ON TABLE "payments_refund" IS 'Money on its way back. The number goes to the channel and never changes, whatever happens to the call.';
CREATE TABLE "payments_statement_file" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "channel" VARCHAR(16) NOT NULL,
    "day" DATE NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "sha1" VARCHAR(40) NOT NULL,
    "size" BIGINT NOT NULL,
    "stored_as" VARCHAR(200) NOT NULL,
    "fetched_at" TIMESTAMPTZ NOT NULL,
    "rows" INT,
    "totals" JSONB NOT NULL,
    CONSTRAINT "uid_payments_st_channel_ae3e2e" UNIQUE ("channel", "day", "kind", "sha1")
);
COMMENT ON TABLE "payments_statement_file" IS 'A channel''s bill as it came, with the hashes of its uncompressed bytes.';
CREATE TABLE "payments_reconciliation_run" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "channel" VARCHAR(16) NOT NULL,
    "day" DATE NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "attempt" INT NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "matched" INT NOT NULL,
    "totals" JSONB NOT NULL,
    "failure" VARCHAR(40),
    "statement_id" UUID REFERENCES "payments_statement_file" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_re_channel_110759" UNIQUE ("channel", "day")
);
COMMENT ON TABLE "payments_reconciliation_run" IS 'One channel''s day. Running it again raises `attempt` and ends in the same state.';
CREATE TABLE "payments_difference" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(24) NOT NULL,
    "reference" VARCHAR(120) NOT NULL,
    "number" VARCHAR(64) NOT NULL,
    "transaction_id" VARCHAR(64) NOT NULL,
    "ours_fen" BIGINT,
    "theirs_fen" BIGINT,
    "ours" VARCHAR(64) NOT NULL,
    "theirs" VARCHAR(64) NOT NULL,
    "expected_by" DATE,
    "state" VARCHAR(16) NOT NULL,
    "found_at" TIMESTAMPTZ NOT NULL,
    "settled_at" TIMESTAMPTZ,
    "run_id" UUID NOT NULL REFERENCES "payments_reconciliation_run" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_di_run_id_83acb6" UNIQUE ("run_id", "kind", "reference")
);
CREATE INDEX "idx_payments_di_run_id_fc8ec9" ON "payments_difference" ("run_id");
COMMENT ON TABLE "payments_difference" IS 'Something the channel''s bill and our books say differently; found again it is the same row.';
CREATE TABLE "payments_statement_row" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "line" INT NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "at" TIMESTAMPTZ,
    "number" VARCHAR(64) NOT NULL,
    "transaction_id" VARCHAR(64) NOT NULL,
    "refund_number" VARCHAR(64) NOT NULL,
    "state" VARCHAR(32) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "fee_millifen" BIGINT NOT NULL,
    "rate" VARCHAR(16) NOT NULL,
    "content" TEXT NOT NULL,
    "statement_id" UUID NOT NULL REFERENCES "payments_statement_file" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "payments_statement_row" IS 'One row of a trade bill. `kind` payment, refund or malformed (then only `content` counts). A statement''s rows lie';
ALTER TABLE payments_bill
  ADD CONSTRAINT payments_bill_amounts CHECK (principal_fen > 0 AND paid_fen >= 0),
  ADD CONSTRAINT payments_bill_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL));
ALTER TABLE payments_bill_line ADD CONSTRAINT payments_bill_line_amount CHECK (amount_fen > 0);
ALTER TABLE payments_order ADD CONSTRAINT payments_order_amount CHECK (amount_fen > 0);
ALTER TABLE payments_payment ADD CONSTRAINT payments_payment_amount CHECK (amount_fen > 0);
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_amount CHECK (amount_fen > 0);

CREATE UNIQUE INDEX payments_one_holding_order_a_bill ON payments_order_bill (bill_id) WHERE holding;
CREATE UNIQUE INDEX payments_one_settled_payment_an_order ON payments_payment (order_id) WHERE outcome = 'settled';
CREATE UNIQUE INDEX payments_one_surplus_refund_a_payment ON payments_refund (payment_id) WHERE reason = 'surplus';
CREATE UNIQUE INDEX payments_one_issued_receipt_a_bill ON payments_receipt (bill_id) WHERE status = 'issued';
CREATE INDEX payments_order_pending ON payments_order (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_refund_pending ON payments_refund (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_statement_row_statement ON payments_statement_row USING brin (statement_id);
CREATE SEQUENCE payments_receipt_number MAXVALUE 9999999999;

CREATE FUNCTION payments_refunded_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; back bigint;
BEGIN
  SELECT amount_fen INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
  SELECT coalesce(sum(amount_fen), 0) INTO back FROM payments_refund
   WHERE payment_id = NEW.payment_id AND state <> 'closed';
  IF back > paid THEN
    RAISE EXCEPTION 'refunds of a payment exceed it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_refunded_within_paid AFTER INSERT OR UPDATE ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION payments_refunded_within_paid();

CREATE FUNCTION payments_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total bigint; many integer;
BEGIN
  SELECT coalesce(sum(amount_fen), 0), count(*) INTO total, many FROM payments_posting WHERE entry_id = NEW.id;
  IF total <> 0 OR many < 2 THEN
    RAISE EXCEPTION 'a ledger entry sums to % over % postings', total, many USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_entry_balances AFTER INSERT ON payments_ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_entry_balances();

CREATE FUNCTION payments_posting_joins_fresh_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM payments_ledger_entry e WHERE e.id = NEW.entry_id
                 AND e.xmin::text::bigint = (pg_current_xact_id()::text::bigint & 4294967295)) THEN
    RAISE EXCEPTION 'postings are written together with their entry' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_posting_joins_fresh_entry BEFORE INSERT ON payments_posting
  FOR EACH ROW EXECUTE FUNCTION payments_posting_joins_fresh_entry();

CREATE TRIGGER payments_entry_append_only BEFORE UPDATE OR DELETE ON payments_ledger_entry
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_entry_no_truncate BEFORE TRUNCATE ON payments_ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_posting_append_only BEFORE UPDATE OR DELETE ON payments_posting
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_posting_no_truncate BEFORE TRUNCATE ON payments_posting
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_change_append_only BEFORE UPDATE OR DELETE ON payments_order_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TABLE "closing_day" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "day" DATE NOT NULL,
    "number" INT NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "closed_by" VARCHAR(80) NOT NULL,
    "closed_at" TIMESTAMPTZ NOT NULL,
    "summary" JSONB NOT NULL,
    "reopen_asked_by" VARCHAR(80),
    "reopen_asked_at" TIMESTAMPTZ,
    "reopen_reason" VARCHAR(500) NOT NULL,
    "reopened_by" VARCHAR(80),
    "reopened_at" TIMESTAMPTZ,
    CONSTRAINT "uid_closing_day_day_c77b8b" UNIQUE ("day", "number")
);
COMMENT ON TABLE "closing_day" IS 'One close of an office day. It is in force until two people reopened the day; closing again is another row.';
CREATE TABLE "closing_key" (
    "id" VARCHAR(16) NOT NULL  PRIMARY KEY,
    "algorithm" VARCHAR(8) NOT NULL,
    "private_sealed" BYTEA,
    "public" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "retired_at" TIMESTAMPTZ
);
COMMENT ON TABLE "closing_key" IS 'A pair of keys that signs statements. The public half stays for good, so that old statements can be proven.';
CREATE TABLE "closing_statement" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "day" DATE NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "title" JSONB NOT NULL,
    "content" TEXT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "key" VARCHAR(16) NOT NULL,
    "signature" VARCHAR(128) NOT NULL,
    "verify_code" VARCHAR(32) NOT NULL UNIQUE,
    "made_at" TIMESTAMPTZ NOT NULL,
    "close_id" UUID NOT NULL REFERENCES "closing_day" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_closing_sta_close_i_969ba6" UNIQUE ("close_id", "department_code")
);
CREATE INDEX "idx_closing_sta_close_i_4d7625" ON "closing_statement" ("close_id");
COMMENT ON TABLE "closing_statement" IS '对账单 of one body and day: its canonical text, and the signature over it.';
ALTER TABLE closing_day
  ADD CONSTRAINT closing_day_number CHECK (number >= 1 AND starts_at < ends_at),
  ADD CONSTRAINT closing_day_reopened_by_two CHECK (reopened_by IS NULL OR reopened_by <> reopen_asked_by),
  ADD CONSTRAINT closing_day_reopening CHECK (
    (reopen_asked_by IS NULL) = (reopen_asked_at IS NULL) AND (reopened_by IS NULL) = (reopened_at IS NULL)
    AND (reopened_by IS NULL OR reopen_asked_by IS NOT NULL)
    AND (reopen_asked_by IS NULL OR length(reopen_reason) >= 5));
CREATE UNIQUE INDEX closing_day_in_force ON closing_day (day) WHERE reopened_at IS NULL;
CREATE UNIQUE INDEX closing_one_key_signs ON closing_key ((true)) WHERE retired_at IS NULL;

CREATE FUNCTION closing_is_closed(asked date) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM closing_day WHERE day = asked AND reopened_at IS NULL)
$$;
CREATE FUNCTION closing_refuse(asked text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is closed and does not change', asked USING ERRCODE = 'insufficient_privilege'; END $$;

CREATE FUNCTION closing_guards_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1212698496);
  IF EXISTS (SELECT 1 FROM closing_day
             WHERE NEW.at >= starts_at AND NEW.at < ends_at AND reopened_at IS NULL) THEN
    PERFORM closing_refuse('the day of this entry');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closing_guards_entries BEFORE INSERT ON payments_ledger_entry
  FOR EACH ROW EXECUTE FUNCTION closing_guards_entries();

CREATE FUNCTION closing_guards_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1212698496);
  IF TG_OP <> 'INSERT' AND closing_is_closed(OLD.day) THEN PERFORM closing_refuse(OLD.day::text); END IF;
  IF TG_OP <> 'DELETE' AND closing_is_closed(NEW.day) THEN PERFORM closing_refuse(NEW.day::text); END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER closing_guards_runs BEFORE INSERT OR UPDATE OR DELETE ON payments_reconciliation_run
  FOR EACH ROW EXECUTE FUNCTION closing_guards_runs();
CREATE TRIGGER closing_guards_files BEFORE UPDATE OR DELETE ON payments_statement_file
  FOR EACH ROW EXECUTE FUNCTION closing_guards_runs();

-- What was found stays found; only the work on what is still awaited goes on, and ends.
CREATE FUNCTION closing_guards_differences() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its_day date;
BEGIN
  SELECT day INTO its_day FROM payments_reconciliation_run
   WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.run_id ELSE OLD.run_id END;
  IF closing_is_closed(its_day) AND (TG_OP <> 'UPDATE' OR OLD.state <> 'open'
     OR NEW.state NOT IN ('open', 'explained', 'resolved')
     OR to_jsonb(NEW) - '{state,settled_at,expected_by}'::text[]
        IS DISTINCT FROM to_jsonb(OLD) - '{state,settled_at,expected_by}'::text[]) THEN
    PERFORM closing_refuse(its_day::text);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER closing_guards_differences BEFORE INSERT OR UPDATE OR DELETE ON payments_difference
  FOR EACH ROW EXECUTE FUNCTION closing_guards_differences();

CREATE FUNCTION closing_keeps_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.reopened_at IS NOT NULL OR to_jsonb(NEW)
       - '{reopen_asked_by,reopen_asked_at,reopen_reason,reopened_by,reopened_at}'::text[]
     IS DISTINCT FROM to_jsonb(OLD)
       - '{reopen_asked_by,reopen_asked_at,reopen_reason,reopened_by,reopened_at}'::text[] THEN
    PERFORM closing_refuse(OLD.day::text);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closing_keeps_closes BEFORE UPDATE ON closing_day
  FOR EACH ROW EXECUTE FUNCTION closing_keeps_closes();
CREATE TRIGGER closing_day_stays BEFORE DELETE ON closing_day FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER closing_day_no_truncate BEFORE TRUNCATE ON closing_day
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER closing_statement_stays BEFORE UPDATE OR DELETE ON closing_statement
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER closing_statement_no_truncate BEFORE TRUNCATE ON closing_statement
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE TABLE "consulting_outcome" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "conversation" UUID NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "ref" UUID,
    "key" VARCHAR(160) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "wish" JSONB NOT NULL,
    "made_by" UUID NOT NULL,
    "made_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "why" VARCHAR(300) NOT NULL
);
CREATE INDEX "idx_consulting__convers_204bad" ON "consulting_outcome" ("conversation");
CREATE INDEX "idx_consulting__ref_eee46a" ON "consulting_outcome" ("ref");
COMMENT ON TABLE "consulting_outcome" IS 'One thing made out of a conversation. `ref` is empty while a second person has not agreed to it yet.';
CREATE TABLE "consulting_told" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "conversation" UUID NOT NULL,
    "ref" VARCHAR(40) NOT NULL,
    "event" VARCHAR(40) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_consulting__convers_1d08a9" UNIQUE ("conversation", "ref", "event")
);
COMMENT ON TABLE "consulting_told" IS 'That a conversation was told of something that happened to a thing one of its cards stands for: once each.';
CREATE UNIQUE INDEX consulting_one_stands ON consulting_outcome (key) WHERE state IN ('proposed', 'made');
ALTER TABLE consulting_outcome
  ADD CONSTRAINT consulting_states CHECK (state IN ('proposed', 'made', 'declined', 'undone')),
  ADD CONSTRAINT consulting_kinds CHECK (kind IN ('application', 'bill', 'order')),
  ADD CONSTRAINT consulting_made_has_ref CHECK ((ref IS NOT NULL) = (state IN ('made', 'undone'))),
  ADD CONSTRAINT consulting_two_people CHECK (decided_by IS NULL OR decided_by <> made_by);
CREATE INDEX consulting_cards ON chat_message ((body->>'ref')) WHERE kind = 'card';
ALTER TABLE "payments_bill" ADD COLUMN "surcharge_terms" JSONB;
ALTER TABLE "payments_bill" ADD COLUMN "first_due_on" DATE;
ALTER TABLE "payments_bill" ADD COLUMN "waived_principal_fen" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "payments_bill" ADD COLUMN "waived_surcharge_fen" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "payments_bill" ADD COLUMN "part_place" INT;
ALTER TABLE "payments_bill" ADD COLUMN "part_principal_fen" BIGINT;
ALTER TABLE "payments_bill" ADD COLUMN "part_surcharge_fen" BIGINT;
ALTER TABLE "payments_bill" ADD COLUMN "replaces" UUID  UNIQUE;
UPDATE payments_bill SET surcharge_terms = jsonb_build_object(
  'code', 'penalty_law_72', 'since', '2021-07-15', 'per_myriad_a_day', 300, 'cap_per_cent', 100,
  'name', jsonb_build_object('zh', '每日按罚款数额的百分之三加处罚款', 'en', '3 % of the fine for every day overdue'),
  'basis', jsonb_build_object('zh', '《中华人民共和国行政处罚法》第七十二条：加处罚款的数额不得超出罚款的数额',
    'en', 'Administrative Penalty Law art. 72: the surcharge never exceeds the fine'))
  WHERE surcharge_rule = 'penalty_law_72';
ALTER TABLE payments_bill
  ADD CONSTRAINT payments_bill_waived CHECK (
    waived_principal_fen BETWEEN 0 AND principal_fen AND waived_surcharge_fen >= 0),
  ADD CONSTRAINT payments_bill_part CHECK (
    (part_place IS NULL AND part_principal_fen IS NULL AND part_surcharge_fen IS NULL)
    OR (part_place > 0 AND part_principal_fen >= 0 AND part_surcharge_fen >= 0
        AND part_principal_fen + part_surcharge_fen > 0));
DROP INDEX payments_one_issued_receipt_a_bill;
CREATE UNIQUE INDEX payments_one_issued_receipt_a_payment_of_a_bill ON payments_receipt (bill_id, order_id)
  WHERE status = 'issued';
CREATE INDEX payments_bill_unpaid_due ON payments_bill (due_on) WHERE state = 'unpaid';
CREATE INDEX payments_bill_department_issued ON payments_bill (department_id, issued_at DESC);
ALTER TABLE "payments_receipt" ALTER COLUMN "code" DROP NOT NULL;
ALTER TABLE "payments_receipt" ALTER COLUMN "number" DROP NOT NULL;
ALTER TABLE "payments_receipt" ALTER COLUMN "check_code" DROP NOT NULL;
ALTER TABLE "payments_receipt" ADD COLUMN "through" VARCHAR(16) NOT NULL DEFAULT 'own';
ALTER TABLE "payments_receipt" ADD COLUMN "reverses" UUID  UNIQUE;
ALTER TABLE "payments_receipt" ADD COLUMN "replaces" UUID  UNIQUE;
ALTER TABLE "payments_receipt" ADD COLUMN "refund" UUID;
ALTER TABLE "payments_receipt" ADD COLUMN "reversed_at" TIMESTAMPTZ;
ALTER TABLE "payments_receipt" ADD COLUMN "tries" INT NOT NULL DEFAULT 0;
ALTER TABLE "payments_receipt" ADD COLUMN "next_try_at" TIMESTAMPTZ;
ALTER TABLE payments_receipt
  ADD CONSTRAINT payments_receipt_reverses FOREIGN KEY (reverses) REFERENCES payments_receipt (id),
  ADD CONSTRAINT payments_receipt_replaces FOREIGN KEY (replaces) REFERENCES payments_receipt (id),
  ADD CONSTRAINT payments_receipt_red CHECK (
    amount_fen <> 0 AND (amount_fen < 0) = (reverses IS NOT NULL) AND (amount_fen < 0) = (status = 'red')),
  ADD CONSTRAINT payments_receipt_reversed CHECK ((status = 'reversed') = (reversed_at IS NOT NULL)),
  ADD CONSTRAINT payments_receipt_numbered CHECK (
    (code IS NULL) = (number IS NULL) AND (code IS NULL) = (check_code IS NULL)
    AND (number IS NOT NULL OR through <> 'own'));
CREATE UNIQUE INDEX payments_one_red_receipt_a_refund ON payments_receipt (bill_id, order_id, refund)
  WHERE status = 'red';
CREATE INDEX payments_receipt_unnumbered ON payments_receipt (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE FUNCTION payments_receipt_keeps_its_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status = 'reversed' AND NEW.status <> 'reversed' OR
     (NEW.amount_fen, NEW.lines, NEW.bill_id, NEW.order_id, NEW.verify_code, NEW.reverses, NEW.replaces, NEW.refund,
      NEW.issuer, NEW.issued_at, coalesce(OLD.code, NEW.code), coalesce(OLD.number, NEW.number),
      coalesce(OLD.check_code, NEW.check_code))
     IS DISTINCT FROM
     (OLD.amount_fen, OLD.lines, OLD.bill_id, OLD.order_id, OLD.verify_code, OLD.reverses, OLD.replaces, OLD.refund,
      OLD.issuer, OLD.issued_at, NEW.code, NEW.number, NEW.check_code) THEN
    RAISE EXCEPTION 'a receipt is reversed, never edited' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_receipt_keeps_its_word BEFORE UPDATE OR DELETE ON payments_receipt
  FOR EACH ROW EXECUTE FUNCTION payments_receipt_keeps_its_word();
ALTER TABLE "payments_refund" ADD COLUMN "note" VARCHAR(300) NOT NULL DEFAULT '';
ALTER TABLE "payments_refund" ADD COLUMN "route" VARCHAR(16) NOT NULL DEFAULT 'channel';
ALTER TABLE "payments_refund" ADD COLUMN "approved_at" TIMESTAMPTZ;
ALTER TABLE "payments_refund" ADD COLUMN "second_by" VARCHAR(80);
ALTER TABLE "payments_refund" ADD COLUMN "second_at" TIMESTAMPTZ;
ALTER TABLE "payments_refund" ADD COLUMN "refusal" VARCHAR(300);
ALTER TABLE "payments_refund" ADD COLUMN "submitted_at" TIMESTAMPTZ;
ALTER TABLE "payments_refund" ADD COLUMN "expected_by" DATE;
ALTER TABLE "payments_refund" ADD COLUMN "voucher" VARCHAR(64);
ALTER TABLE "payments_refund" ADD COLUMN "bookings" INT NOT NULL DEFAULT 0;
ALTER TABLE "payments_refund" ADD COLUMN "set_aside" BOOL NOT NULL DEFAULT FALSE;
CREATE TABLE "payments_refund_part" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "line" VARCHAR(16) NOT NULL DEFAULT '',
    "amount_fen" BIGINT NOT NULL,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE,
    "refund_id" UUID NOT NULL REFERENCES "payments_refund" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_payments_re_refund__13373d" UNIQUE ("refund_id", "bill_id", "line")
);
CREATE INDEX "idx_payments_re_bill_id_fe3426" ON "payments_refund_part" ("bill_id");
CREATE INDEX "idx_payments_re_refund__1e1ee5" ON "payments_refund_part" ("refund_id");
COMMENT ON TABLE "payments_refund_part" IS 'What of a bill goes back. `line`: the place of a line, `surcharge`, or empty for the bill as a whole.';
CREATE TABLE "payments_refund_change" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "from_state" VARCHAR(16) NOT NULL,
    "to_state" VARCHAR(16) NOT NULL,
    "who" VARCHAR(80) NOT NULL,
    "why" VARCHAR(120) NOT NULL,
    "refund_id" UUID NOT NULL REFERENCES "payments_refund" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_payments_re_refund__dfe37b" ON "payments_refund_change" ("refund_id");
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_two_people CHECK (
  approved_by IS DISTINCT FROM requested_by AND (second_by IS NULL OR (
    approved_by IS NOT NULL AND second_by <> requested_by AND second_by <> approved_by)));
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_decided_by_two CHECK (
  reason = 'surplus' OR approved_by IS NOT NULL OR state IN ('asked', 'refused')) NOT VALID;
ALTER TABLE payments_refund_part ADD CONSTRAINT payments_refund_part_amount CHECK (amount_fen > 0);

CREATE OR REPLACE FUNCTION payments_refunded_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; back bigint;
BEGIN
  SELECT amount_fen INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
  SELECT coalesce(sum(amount_fen), 0) INTO back FROM payments_refund
   WHERE payment_id = NEW.payment_id AND state NOT IN ('closed', 'refused');
  IF back > paid THEN
    RAISE EXCEPTION 'refunds of a payment exceed it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION payments_parts_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid bigint; back bigint; of_order uuid;
BEGIN
  SELECT r.order_id INTO of_order FROM payments_refund r WHERE r.id = NEW.refund_id;
  SELECT principal_fen + surcharge_fen INTO paid FROM payments_order_bill
   WHERE order_id = of_order AND bill_id = NEW.bill_id;
  SELECT coalesce(sum(p.amount_fen), 0) INTO back FROM payments_refund_part p JOIN payments_refund r ON r.id = p.refund_id
   WHERE r.order_id = of_order AND p.bill_id = NEW.bill_id AND r.state NOT IN ('closed', 'refused');
  IF paid IS NULL OR back > paid THEN
    RAISE EXCEPTION 'refunds of a bill exceed what was paid of it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_parts_within_paid AFTER INSERT ON payments_refund_part
  FOR EACH ROW EXECUTE FUNCTION payments_parts_within_paid();

CREATE FUNCTION payments_refund_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.number, NEW.payment_id, NEW.order_id, NEW.amount_fen, NEW.reason, NEW.requested_by)
     IS DISTINCT FROM (OLD.number, OLD.payment_id, OLD.order_id, OLD.amount_fen, OLD.reason, OLD.requested_by) THEN
    RAISE EXCEPTION 'what a refund asked for is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_refund_keeps_its_terms BEFORE UPDATE ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION payments_refund_keeps_its_terms();
CREATE TRIGGER payments_refund_part_append_only BEFORE UPDATE OR DELETE ON payments_refund_part
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER payments_refund_change_append_only BEFORE UPDATE OR DELETE ON payments_refund_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE INDEX payments_refund_asked ON payments_refund (requested_at) WHERE state = 'asked';
ALTER TABLE "payments_order" ALTER COLUMN "citizen_id" DROP NOT NULL;
CREATE TABLE "counter_shift" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "window" VARCHAR(40) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "float_fen" BIGINT NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "expected_fen" BIGINT,
    "counted_fen" BIGINT,
    "difference_note" VARCHAR(300) NOT NULL,
    "counted_at" TIMESTAMPTZ,
    "confirmed_by" UUID,
    "confirmed_at" TIMESTAMPTZ,
    "cashier_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT,
    "department_id" VARCHAR(32) NOT NULL REFERENCES "auth_department" ("code") ON DELETE RESTRICT
);
CREATE INDEX "idx_counter_shi_cashier_189044" ON "counter_shift" ("cashier_id");
CREATE INDEX "idx_counter_shi_departm_8ef76b" ON "counter_shift" ("department_id");
COMMENT ON TABLE "counter_shift" IS 'One cashier at one window. The drawer starts with a float and ends counted, before a second person.';
CREATE TABLE "counter_deposit" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "means" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "slip" VARCHAR(40) NOT NULL UNIQUE,
    "deposited_on" DATE NOT NULL,
    "entered_by" UUID NOT NULL,
    "entered_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "refusal" VARCHAR(200) NOT NULL,
    "shift_id" UUID NOT NULL REFERENCES "counter_shift" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_counter_dep_shift_i_dc0b93" ON "counter_deposit" ("shift_id");
COMMENT ON TABLE "counter_deposit" IS 'What a shift brought to the bank, or the bank credited for its card slips.';
CREATE TABLE "counter_payout" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "refund" UUID NOT NULL UNIQUE,
    "amount_fen" BIGINT NOT NULL,
    "voucher" VARCHAR(40) NOT NULL,
    "paid_at" TIMESTAMPTZ NOT NULL,
    "paid_by" UUID NOT NULL,
    "shift_id" UUID NOT NULL REFERENCES "counter_shift" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_counter_pay_shift_i_bcbe7f" ON "counter_payout" ("shift_id");
COMMENT ON TABLE "counter_payout" IS 'Cash given back from a drawer for a refund two people had decided.';
CREATE TABLE "counter_taking" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "means" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "tendered_fen" BIGINT,
    "bank" VARCHAR(60) NOT NULL,
    "reference" VARCHAR(40) NOT NULL,
    "taken_at" TIMESTAMPTZ NOT NULL,
    "taken_by" UUID NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "bounce_reason" VARCHAR(200) NOT NULL,
    "shift_id" UUID NOT NULL REFERENCES "counter_shift" ("id") ON DELETE RESTRICT,
    "order_id" UUID NOT NULL UNIQUE REFERENCES "payments_order" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_counter_tak_shift_i_cd761b" ON "counter_taking" ("shift_id");
COMMENT ON TABLE "counter_taking" IS 'Money handed over at a window for one order.';
ALTER TABLE counter_shift
  ADD CONSTRAINT counter_shift_amounts CHECK (float_fen >= 0 AND (counted_fen IS NULL OR counted_fen >= 0)),
  ADD CONSTRAINT counter_shift_counted CHECK (
    (state = 'open') = (counted_at IS NULL) AND (counted_at IS NULL) = (counted_fen IS NULL)
    AND (counted_at IS NULL) = (expected_fen IS NULL)),
  ADD CONSTRAINT counter_shift_difference CHECK (
    counted_fen IS NOT DISTINCT FROM expected_fen OR difference_note <> ''),
  ADD CONSTRAINT counter_shift_two_people CHECK (
    (state = 'confirmed') = (confirmed_by IS NOT NULL) AND confirmed_by IS DISTINCT FROM cashier_id);
CREATE UNIQUE INDEX counter_one_open_shift_a_cashier ON counter_shift (cashier_id) WHERE state = 'open';
ALTER TABLE counter_taking
  ADD CONSTRAINT counter_taking_amounts CHECK (
    amount_fen > 0 AND (means = 'cash') = (tendered_fen IS NOT NULL)
    AND (tendered_fen IS NULL OR tendered_fen >= amount_fen)),
  ADD CONSTRAINT counter_taking_slip CHECK (means = 'cash' OR (reference <> '' AND bank <> '')),
  ADD CONSTRAINT counter_taking_cheque CHECK (state = 'taken' OR means = 'cheque'),
  ADD CONSTRAINT counter_taking_decided CHECK (
    (decided_by IS NOT NULL) = (means = 'cheque' AND state <> 'clearing') AND decided_by IS DISTINCT FROM taken_by);
CREATE UNIQUE INDEX counter_one_slip_once ON counter_taking (means, bank, reference)
  WHERE reference <> '' AND state <> 'bounced';
ALTER TABLE counter_payout ADD CONSTRAINT counter_payout_amount CHECK (amount_fen > 0);
ALTER TABLE counter_deposit
  ADD CONSTRAINT counter_deposit_amount CHECK (amount_fen > 0),
  ADD CONSTRAINT counter_deposit_two_people CHECK (
    (state = 'entered') = (decided_by IS NULL) AND decided_by IS DISTINCT FROM entered_by);
CREATE FUNCTION counter_decided_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.amount_fen <> NEW.amount_fen OR OLD.state NOT IN ('clearing', 'entered') THEN
    RAISE EXCEPTION 'what was taken or brought to the bank stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER counter_taking_stays BEFORE UPDATE OR DELETE ON counter_taking
  FOR EACH ROW EXECUTE FUNCTION counter_decided_stays();
CREATE TRIGGER counter_deposit_stays BEFORE UPDATE OR DELETE ON counter_deposit
  FOR EACH ROW EXECUTE FUNCTION counter_decided_stays();
CREATE TRIGGER counter_payout_append_only BEFORE UPDATE OR DELETE ON counter_payout
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TABLE "credentials_former_password" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "password_hash" VARCHAR(200) NOT NULL,
    "replaced_at" TIMESTAMPTZ NOT NULL,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_credentials_staff_i_671c02" ON "credentials_former_password" ("staff_id");
COMMENT ON TABLE "credentials_former_password" IS 'The argon2 hash of a password that was in use before.';
CREATE TABLE "credentials_recovery_code" (
    "digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "made_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_credentials_staff_i_9f621d" ON "credentials_recovery_code" ("staff_id");
COMMENT ON TABLE "credentials_recovery_code" IS 'One way in without the authenticator, used once; kept by keyed digest.';
CREATE TABLE "credentials_staff_credential" (
    "password_set_at" TIMESTAMPTZ,
    "must_change" BOOL NOT NULL,
    "offered_totp_sealed" BYTEA,
    "offered_at" TIMESTAMPTZ,
    "staff_id" UUID NOT NULL  PRIMARY KEY REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "credentials_staff_credential" IS 'What is known of a member''s password and second factor beside the hash and the sealed secret themselves. The row is';
CREATE TABLE "credentials_staff_note" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(32) NOT NULL,
    "about" VARCHAR(64) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "told_at" TIMESTAMPTZ,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_credentials_staff_i_f3d241" ON "credentials_staff_note" ("staff_id");
COMMENT ON TABLE "credentials_staff_note" IS 'Something about their account that a member of staff is told at the next sign-in.';
CREATE TABLE "credentials_staff_sign_in" (
    "way" VARCHAR(16) NOT NULL,
    "second_factor" VARCHAR(16) NOT NULL,
    "device_kind" VARCHAR(16) NOT NULL,
    "device_name" VARCHAR(40) NOT NULL,
    "held_back" VARCHAR(32) NOT NULL,
    "session_id" UUID NOT NULL  PRIMARY KEY REFERENCES "auth_session" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "credentials_staff_sign_in" IS 'How a session of staff began. `held_back` names what its holder must do before anything else, if anything.';
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_way
  CHECK (way IN ('password', 'dingtalk', 'wecom'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_second_factor
  CHECK (second_factor IN ('', 'totp', 'recovery', 'workplace'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_device
  CHECK (device_kind IN ('desktop', 'mobile'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_sign_in_held_back
  CHECK (held_back IN ('', 'password_change', 'second_factor'));
ALTER TABLE credentials_staff_sign_in ADD CONSTRAINT credentials_nobody_is_let_on_without_a_second_factor
  CHECK (held_back <> '' OR second_factor <> '');
INSERT INTO credentials_staff_credential (staff_id, password_set_at, must_change)
  SELECT id, now(), false FROM auth_staff_member WHERE password_hash <> '';
CREATE TABLE "desk_proposal" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "source" VARCHAR(16) NOT NULL,
    "subject" UUID NOT NULL,
    "action" VARCHAR(16) NOT NULL,
    "note" VARCHAR(500) NOT NULL,
    "expected_by" DATE,
    "ours_fen" BIGINT,
    "theirs_fen" BIGINT,
    "state" VARCHAR(16) NOT NULL,
    "proposed_by" UUID NOT NULL,
    "proposed_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "decision_note" VARCHAR(500) NOT NULL,
    "attempts" INT NOT NULL,
    "outcome" VARCHAR(40) NOT NULL,
    "booked" JSONB NOT NULL,
    "ended_at" TIMESTAMPTZ
);
CREATE INDEX "idx_desk_propos_subject_4c8376" ON "desk_proposal" ("subject");
COMMENT ON TABLE "desk_proposal" IS 'What one person proposes to do about a difference or an exception, and another one decides.';
CREATE TABLE "desk_work" (
    "subject" UUID NOT NULL  PRIMARY KEY,
    "owner" UUID,
    "owned_at" TIMESTAMPTZ,
    "expected_by" DATE
);
CREATE INDEX "idx_desk_work_owner_20abb0" ON "desk_work" ("owner");
COMMENT ON TABLE "desk_work" IS 'Whose a difference or an exception is. `expected_by`: until when an exception may wait.';
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
CREATE TABLE "discretion_version" (
    "id" INT NOT NULL  PRIMARY KEY,
    "version" INT NOT NULL
);
COMMENT ON TABLE "discretion_version" IS 'One row: grows with every change of the list, so that other processes know that theirs is an old one.';
CREATE TABLE "discretion_word" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "word" VARCHAR(40) NOT NULL,
    "squeezed" VARCHAR(40) NOT NULL UNIQUE,
    "use" VARCHAR(8) NOT NULL,
    "strict" BOOL NOT NULL,
    "since" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "discretion_word" IS 'A word in force. `harmless`: not looked for, but a compound a forbidden word may be a part of.';
CREATE TABLE "discretion_original" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "author" UUID NOT NULL,
    "side" VARCHAR(8) NOT NULL,
    "kinds" JSONB NOT NULL,
    "times" INT NOT NULL,
    "text_sealed" BYTEA NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "chat_conversation" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_discretion__at_7026fc" ON "discretion_original" ("at");
CREATE INDEX "idx_discretion__convers_9d935a" ON "discretion_original" ("conversation_id");
COMMENT ON TABLE "discretion_original" IS 'What somebody wrote before something was hidden in it. Its id stands in the message; a message that was refused';
CREATE TABLE "discretion_change" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "act" VARCHAR(8) NOT NULL,
    "word" VARCHAR(40) NOT NULL,
    "squeezed" VARCHAR(40) NOT NULL,
    "use" VARCHAR(8) NOT NULL,
    "strict" BOOL NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "asked_by" UUID NOT NULL,
    "asked_name" VARCHAR(64) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_name" VARCHAR(64) NOT NULL,
    "decided_at" TIMESTAMPTZ
);
CREATE INDEX "idx_discretion__asked_a_06c077" ON "discretion_change" ("asked_at");
COMMENT ON TABLE "discretion_change" IS 'A change of the list one person wishes for and another one decides.';
INSERT INTO discretion_version (id, version) VALUES (1, 0);
ALTER TABLE discretion_version ADD CONSTRAINT discretion_version_single CHECK (id = 1);
ALTER TABLE discretion_word ADD CONSTRAINT discretion_word_use CHECK (use IN ('citizens', 'clerks', 'both', 'harmless')
  AND squeezed <> '');
ALTER TABLE discretion_change ADD CONSTRAINT discretion_change_whole CHECK (act IN ('put', 'remove')
  AND state IN ('asked', 'approved', 'refused') AND squeezed <> ''
  AND use IN ('citizens', 'clerks', 'both', 'harmless')
  AND (decided_by IS NULL) = (state = 'asked') AND (decided_at IS NULL) = (state = 'asked'));
ALTER TABLE discretion_change ADD CONSTRAINT discretion_change_two_people CHECK (decided_by IS DISTINCT FROM asked_by);
CREATE UNIQUE INDEX discretion_change_one_wish ON discretion_change (squeezed) WHERE state = 'asked';
ALTER TABLE discretion_original ADD CONSTRAINT discretion_original_side CHECK (side IN ('citizen', 'clerk', 'note')
  AND times >= 0);
CREATE INDEX discretion_original_abusive ON discretion_original (at) WHERE times > 0;
CREATE OR REPLACE VIEW chat_message_shown AS
SELECT m.id, m.conversation_id, m.seq, m.sender_role, m.sender, m.sender_name, m.client_id, m.kind, CASE
    WHEN x.kind = 'recall' AND m.kind = 'edit' THEN jsonb_build_object('of', m.body->'of')
    WHEN x.kind = 'recall' THEN '{}'::jsonb
    WHEN x.kind = 'edit' THEN (m.body - '{masked,original}'::text[]) || (x.body - 'of')
    ELSE m.body END AS body,
  m.at, coalesce(x.kind = 'edit' AND m.kind <> 'edit', false) AS edited, coalesce(x.kind = 'recall', false) AS recalled
FROM chat_message m
LEFT JOIN chat_message o ON o.conversation_id = m.conversation_id
  AND o.seq = CASE WHEN m.kind = 'edit' THEN (m.body->>'of')::bigint END
LEFT JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.seq = coalesce(o.changed, m.changed);
CREATE TABLE "dues_amendment" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "asked_by" VARCHAR(80) NOT NULL,
    "citizen" UUID,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "reason_sealed" BYTEA NOT NULL,
    "wish" JSONB NOT NULL,
    "terms" JSONB,
    "basis" VARCHAR(300) NOT NULL,
    "proposed_by" UUID,
    "proposed_at" TIMESTAMPTZ,
    "bill_version" INT,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "decision_sealed" BYTEA,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_dues_amendm_citizen_848964" ON "dues_amendment" ("citizen");
CREATE INDEX "idx_dues_amendm_bill_id_29b02c" ON "dues_amendment" ("bill_id");
COMMENT ON TABLE "dues_amendment" IS 'A lawful change of one bill: asked for by its payer or a clerk, proposed with its terms by one staff member and';
CREATE TABLE "dues_fee" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "code" VARCHAR(32) NOT NULL,
    "since" DATE NOT NULL,
    "amount_fen" BIGINT,
    "unit" JSONB NOT NULL,
    "name" JSONB NOT NULL,
    "basis" JSONB NOT NULL,
    "income_item_code" VARCHAR(32) NOT NULL,
    "income_item_name" JSONB NOT NULL,
    "set_by" VARCHAR(80) NOT NULL,
    "set_at" TIMESTAMPTZ NOT NULL,
    "department_id" VARCHAR(32) NOT NULL REFERENCES "auth_department" ("code") ON DELETE CASCADE,
    CONSTRAINT "uid_dues_fee_departm_3159d3" UNIQUE ("department_id", "code", "since")
);
CREATE INDEX "idx_dues_fee_departm_4c491d" ON "dues_fee" ("department_id");
COMMENT ON TABLE "dues_fee" IS 'One version of what a department charges for something, a piece. Never changed.';
CREATE TABLE "dues_plan_part" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "place" INT NOT NULL,
    "principal_fen" BIGINT NOT NULL,
    "surcharge_fen" BIGINT NOT NULL,
    "due_on" DATE NOT NULL,
    "paid_by_order" UUID  UNIQUE,
    "paid_fen" BIGINT,
    "paid_at" TIMESTAMPTZ,
    "amendment_id" UUID NOT NULL REFERENCES "dues_amendment" ("id") ON DELETE CASCADE,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_dues_plan_p_bill_id_daec99" UNIQUE ("bill_id", "place")
);
CREATE INDEX "idx_dues_plan_p_amendme_d63f4e" ON "dues_plan_part" ("amendment_id");
CREATE INDEX "idx_dues_plan_p_bill_id_235777" ON "dues_plan_part" ("bill_id");
COMMENT ON TABLE "dues_plan_part" IS 'One instalment of a bill''s plan. They are payable one at a time, in order.';
CREATE TABLE "dues_reminder" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "occasion" VARCHAR(16) NOT NULL,
    "due_on" DATE NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "bill_id" UUID NOT NULL REFERENCES "payments_bill" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_dues_remind_bill_id_d975c3" UNIQUE ("bill_id", "occasion", "due_on")
);
CREATE INDEX "idx_dues_remind_bill_id_9f5d46" ON "dues_reminder" ("bill_id");
COMMENT ON TABLE "dues_reminder" IS 'That a payer was reminded of a day: once an occasion.';
CREATE TABLE "dues_surcharge_rule" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "code" VARCHAR(32) NOT NULL,
    "since" DATE NOT NULL,
    "per_myriad_a_day" INT NOT NULL,
    "cap_per_cent" INT,
    "name" JSONB NOT NULL,
    "basis" JSONB NOT NULL,
    CONSTRAINT "uid_dues_surcha_code_8c1395" UNIQUE ("code", "since")
);
COMMENT ON TABLE "dues_surcharge_rule" IS 'One version of a rule: it holds from `since` until a later version does. Never changed.';
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
CREATE TABLE "hotline_counter" (
    "day" DATE NOT NULL  PRIMARY KEY,
    "reached" INT NOT NULL
);
COMMENT ON TABLE "hotline_counter" IS 'The running number of order numbers of one office day.';
CREATE TABLE "hotline_order" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "number" VARCHAR(32) NOT NULL UNIQUE,
    "kind" VARCHAR(12) NOT NULL,
    "words_sealed" BYTEA,
    "answer_sealed" BYTEA,
    "photos" JSONB NOT NULL,
    "conversation" UUID,
    "opened_by_staff" UUID NOT NULL,
    "about_staff" UUID,
    "item_code" VARCHAR(40),
    "item_name" JSONB,
    "department_code" VARCHAR(32) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "region_path" JSONB NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "version" INT NOT NULL,
    "holder_staff" UUID,
    "holder_name" VARCHAR(64) NOT NULL,
    "holder_reason" VARCHAR(16) NOT NULL,
    "offered_to" UUID,
    "passed" JSONB NOT NULL,
    "transfers" INT NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "due_on" DATE NOT NULL,
    "clock_since" DATE NOT NULL,
    "warned" INT NOT NULL,
    "escalated" INT NOT NULL,
    "answered_at" TIMESTAMPTZ,
    "answered_by" UUID,
    "reopened_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "citizen_id" UUID REFERENCES "auth_citizen" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_hotline_ord_convers_b9976d" ON "hotline_order" ("conversation");
CREATE INDEX "idx_hotline_ord_citizen_9c738f" ON "hotline_order" ("citizen_id");
CREATE INDEX "idx_hotline_ord_departm_b4d11a" ON "hotline_order" ("department_code", "state", "due_on");
CREATE INDEX "idx_hotline_ord_holder__768b4a" ON "hotline_order" ("holder_staff", "state");
CREATE INDEX "idx_hotline_ord_state_e628b4" ON "hotline_order" ("state", "due_on");
COMMENT ON TABLE "hotline_order" IS 'One matter of a citizen, or one the desk noticed itself. Words and answer are sealed. `about_staff` is the person a';
CREATE TABLE "hotline_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "shown_as" JSONB NOT NULL,
    "what" VARCHAR(16) NOT NULL,
    "from_state" VARCHAR(12),
    "to_state" VARCHAR(12) NOT NULL,
    "note" TEXT NOT NULL,
    "order_id" UUID NOT NULL REFERENCES "hotline_order" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_hotline_cha_order_i_821feb" ON "hotline_change" ("order_id");
COMMENT ON TABLE "hotline_change" IS 'One thing that happened to an order: who, when, why, from, to. Only its note may be emptied, with the account.';
ALTER TABLE hotline_order
  ADD CONSTRAINT hotline_state_known CHECK (state IN ('open', 'returned', 'accepted', 'answered', 'reopened',
    'confirmed', 'closed')),
  ADD CONSTRAINT hotline_kind_known CHECK (kind IN ('help', 'question', 'complaint', 'suggestion', 'report')),
  ADD CONSTRAINT hotline_never_the_person CHECK (about_staff IS NULL OR
    (holder_staff IS DISTINCT FROM about_staff AND offered_to IS DISTINCT FROM about_staff)),
  ADD CONSTRAINT hotline_returned_is_nobodys CHECK (state <> 'returned' OR (holder_staff IS NULL AND offered_to IS NULL)),
  ADD CONSTRAINT hotline_answers_are_dated CHECK (state <> 'answered' OR answered_at IS NOT NULL),
  ADD CONSTRAINT hotline_ends_are_dated CHECK ((state IN ('confirmed', 'closed')) = (ended_at IS NOT NULL));
CREATE UNIQUE INDEX hotline_reopened_once ON hotline_change (order_id) WHERE what = 'reopened';
CREATE INDEX hotline_of_citizen ON hotline_order (citizen_id, opened_at DESC, id DESC);
CREATE INDEX hotline_offered ON hotline_order (offered_to) WHERE offered_to IS NOT NULL;
CREATE TRIGGER hotline_change_not_edited BEFORE UPDATE OF order_id, at, actor, shown_as, what, from_state, to_state
  ON hotline_change FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER hotline_change_not_removed BEFORE DELETE ON hotline_change
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TABLE "joining_merge" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kept" UUID NOT NULL,
    "merged" UUID NOT NULL UNIQUE,
    "proof" VARCHAR(16) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_joining_mer_kept_6ce0d9" ON "joining_merge" ("kept");
COMMENT ON TABLE "joining_merge" IS 'Two accounts of one person became one.';
CREATE TABLE "joining_merge_code" (
    "digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "session" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ
);
CREATE INDEX "idx_joining_mer_expires_362758" ON "joining_merge_code" ("expires_at");
COMMENT ON TABLE "joining_merge_code" IS 'Eight characters an account shows, to be typed in the other one; known by a keyed digest.';
CREATE TABLE "joining_merged_thing" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "what" VARCHAR(32) NOT NULL,
    "thing" VARCHAR(80) NOT NULL,
    "merge_id" UUID NOT NULL REFERENCES "joining_merge" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_joining_mer_merge_i_d350ec" ON "joining_merged_thing" ("merge_id");
COMMENT ON TABLE "joining_merged_thing" IS 'One thing that went along: what it is, and its id.';
CREATE TABLE "joining_phone_move" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "holder" UUID NOT NULL,
    "taker" UUID NOT NULL,
    "phone_sealed" BYTEA NOT NULL,
    "phone_index" VARCHAR(64) NOT NULL,
    "former_sealed" BYTEA,
    "state" VARCHAR(16) NOT NULL,
    "by" VARCHAR(16) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "moved_at" TIMESTAMPTZ,
    "undo_until" TIMESTAMPTZ
);
CREATE INDEX "idx_joining_pho_holder_f82dce" ON "joining_phone_move" ("holder");
CREATE INDEX "idx_joining_pho_taker_27eb5b" ON "joining_phone_move" ("taker");
COMMENT ON TABLE "joining_phone_move" IS 'A number somebody proved to hold while it is another account''s: asked of the old device, or moved with both verified.';
CREATE TABLE "joining_session_way" (
    "session" UUID NOT NULL  PRIMARY KEY,
    "identity" UUID,
    "way" VARCHAR(16) NOT NULL
);
CREATE INDEX "idx_joining_ses_identit_4244ed" ON "joining_session_way" ("identity");
COMMENT ON TABLE "joining_session_way" IS 'By which way a session was opened: an identity of a platform, or a number that was proved (`identity` empty).';
ALTER TABLE joining_phone_move ADD CONSTRAINT joining_phone_move_state
  CHECK (state IN ('asked', 'moved', 'denied', 'undone') AND (state IN ('moved', 'undone')) = (moved_at IS NOT NULL));
ALTER TABLE joining_phone_move ADD CONSTRAINT joining_phone_move_between_two CHECK (holder <> taker);
ALTER TABLE joining_phone_move ADD CONSTRAINT joining_phone_move_is_short
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '10 minutes');
ALTER TABLE joining_merge ADD CONSTRAINT joining_merge_of_two CHECK (kept <> merged);
CREATE TABLE "auth_signing_key" (
    "id" VARCHAR(16) NOT NULL  PRIMARY KEY,
    "purpose" VARCHAR(16) NOT NULL,
    "algorithm" VARCHAR(8) NOT NULL,
    "private_sealed" BYTEA,
    "created_at" TIMESTAMPTZ NOT NULL,
    "signs_from" TIMESTAMPTZ NOT NULL,
    "verifies_until" TIMESTAMPTZ,
    "withdrawn_at" TIMESTAMPTZ
);
COMMENT ON TABLE "auth_signing_key" IS 'One key, one purpose, one algorithm. The private half is sealed, and gone once its tokens have ended or it was';
ALTER TABLE "kit_audit" ADD COLUMN "mac" VARCHAR(64) NOT NULL DEFAULT '';
ALTER FUNCTION kit_audit_grow() SECURITY DEFINER SET search_path = public, pg_temp;
CREATE TABLE "materials_upload" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "owner" VARCHAR(80) NOT NULL,
    "sent_sha256" VARCHAR(64) NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "size" INT NOT NULL,
    "width" INT NOT NULL,
    "height" INT NOT NULL,
    "problems" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_materials_u_owner_4b02bf" UNIQUE ("owner", "sent_sha256")
);
CREATE INDEX "idx_materials_u_created_36daa2" ON "materials_upload" ("created_at");
COMMENT ON TABLE "materials_upload" IS 'One photograph, kept as a clean JPEG and a thumbnail under names made from its id.';
CREATE TABLE "materials_use" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "used_by" VARCHAR(160) NOT NULL,
    "since" TIMESTAMPTZ NOT NULL,
    "upload_id" UUID NOT NULL REFERENCES "materials_upload" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_materials_u_used_by_3ef090" UNIQUE ("used_by", "upload_id")
);
CREATE INDEX "idx_materials_u_used_by_0948ea" ON "materials_use" ("used_by");
CREATE INDEX "idx_materials_u_upload__ce7545" ON "materials_use" ("upload_id");
COMMENT ON TABLE "materials_use" IS 'Something that needs an upload to stay, like `application:UUID/photo`. An upload nobody uses is purged.';
CREATE TABLE "notify_notice" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "kind" VARCHAR(40) NOT NULL,
    "text" JSONB NOT NULL,
    "link" VARCHAR(200) NOT NULL,
    "about" JSONB NOT NULL,
    "once" VARCHAR(160)  UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "read_at" TIMESTAMPTZ
);
CREATE INDEX "idx_notify_noti_citizen_a566c1" ON "notify_notice" ("citizen", "created_at");
COMMENT ON TABLE "notify_notice" IS 'One thing a citizen is told. The words hold no personal data beyond masked; `about` has the ids of what it is about.';
CREATE TABLE "notify_delivery" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "way" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "tried_at" TIMESTAMPTZ,
    "said" VARCHAR(120) NOT NULL,
    "notice_id" UUID NOT NULL REFERENCES "notify_notice" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_notify_deli_notice__485118" UNIQUE ("notice_id", "way")
);
COMMENT ON TABLE "notify_delivery" IS 'One way a notice goes, beside lying in the app: its state, and what the way said.';
CREATE TABLE "notify_staff_notice" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "staff" UUID NOT NULL,
    "kind" VARCHAR(40) NOT NULL,
    "text" JSONB NOT NULL,
    "link" VARCHAR(200) NOT NULL,
    "about" JSONB NOT NULL,
    "once" VARCHAR(200)  UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "read_at" TIMESTAMPTZ
);
CREATE INDEX "idx_notify_staf_staff_a10bde" ON "notify_staff_notice" ("staff", "created_at");
COMMENT ON TABLE "notify_staff_notice" IS 'One thing a member of staff is told, in the console. The words name nobody in the clear; `about` has the ids.';
ALTER TABLE "notify_notice" ADD COLUMN "topic" VARCHAR(16);
ALTER TABLE "notify_notice" ADD COLUMN "brief" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "notify_notice" ADD COLUMN "reach_at" TIMESTAMPTZ;
CREATE TABLE "notify_grant" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "topic" VARCHAR(16) NOT NULL,
    "template" VARCHAR(64) NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "granted_at" TIMESTAMPTZ NOT NULL,
    "spent_at" TIMESTAMPTZ,
    "spent_on" UUID,
    "identity_id" UUID NOT NULL REFERENCES "auth_platform_identity" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_notify_gran_identit_65394b" ON "notify_grant" ("identity_id");
COMMENT ON TABLE "notify_grant" IS 'One \"allow\" of a person on a platform''s sheet: good for one message of one template. `spent_on` is the notice it was';
CREATE TABLE "notify_asked" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "platform" VARCHAR(16) NOT NULL,
    "topic" VARCHAR(16) NOT NULL,
    "answer" VARCHAR(8) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_notify_aske_citizen_e802e0" UNIQUE ("citizen", "platform", "topic")
);
COMMENT ON TABLE "notify_asked" IS 'What a citizen last answered when asked about messages of a topic, so that nobody is asked over and over.';
CREATE TABLE "notify_preference" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "topic" VARCHAR(16) NOT NULL,
    "messages" BOOL NOT NULL,
    "texts" BOOL NOT NULL,
    CONSTRAINT "uid_notify_pref_citizen_e91b3f" UNIQUE ("citizen", "topic")
);
COMMENT ON TABLE "notify_preference" IS 'Which ways outside the app a citizen wants for a topic; without a row both.';
CREATE TABLE "notify_text_budget" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "day" DATE NOT NULL,
    "citizen" UUID NOT NULL,
    "used" INT NOT NULL,
    CONSTRAINT "uid_notify_text_day_cfa520" UNIQUE ("day", "citizen")
);
COMMENT ON TABLE "notify_text_budget" IS 'How many text messages a day has cost, of one citizen and of the whole office (nobody''s id).';
CREATE TABLE "notify_watermark" (
    "name" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "notify_watermark" IS 'Up to when something was looked through.';
CREATE TABLE "notify_work_message" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "staff" UUID NOT NULL,
    "burst" VARCHAR(48) NOT NULL,
    "workplace" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "tried_at" TIMESTAMPTZ NOT NULL,
    "said" VARCHAR(120) NOT NULL,
    "notice_id" UUID NOT NULL REFERENCES "notify_staff_notice" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_notify_work_staff_0b2345" UNIQUE ("staff", "burst")
);
CREATE INDEX "idx_notify_work_notice__b3264b" ON "notify_work_message" ("notice_id");
COMMENT ON TABLE "notify_work_message" IS 'A message to a member of staff outside the console, at most one a burst: a burst begins with the first urgent notice';
ALTER TABLE notify_grant ADD CONSTRAINT notify_grant_is_spent_on_something
  CHECK (state IN ('free', 'spent', 'void') AND (state <> 'spent' OR (spent_at IS NOT NULL AND spent_on IS NOT NULL)));
CREATE INDEX notify_grant_free ON notify_grant (identity_id, template, granted_at) WHERE state = 'free';
CREATE INDEX notify_notice_to_reach ON notify_notice (reach_at) WHERE reach_at IS NOT NULL;
CREATE INDEX notify_notice_missed ON notify_notice ((about ->> 'conversation')) WHERE kind = 'chat.missed' AND read_at IS NULL;
CREATE INDEX chat_message_at ON chat_message USING brin (at) WITH (autosummarize = on);
CREATE INDEX notify_delivery_sending ON notify_delivery (tried_at) WHERE state = 'sending';
ALTER TABLE "payments_reconciliation_run" ADD COLUMN "fund_statement_id" UUID REFERENCES "payments_statement_file" ("id") ON DELETE CASCADE;
ALTER TABLE "payments_reconciliation_run" ADD COLUMN "fund" VARCHAR(40);
ALTER TABLE "payments_reconciliation_run" ADD COLUMN "digest" VARCHAR(64);
ALTER TABLE "payments_difference" ADD COLUMN "fund_fen" BIGINT;
CREATE TABLE "privacy_closure" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "closes_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "why" VARCHAR(32) NOT NULL
);
CREATE INDEX "idx_privacy_clo_citizen_ea8d5f" ON "privacy_closure" ("citizen");
CREATE INDEX "idx_privacy_clo_closes__9cf06d" ON "privacy_closure" ("closes_at");
COMMENT ON TABLE "privacy_closure" IS 'An account on its way out (art. 47): some days to think again, then everything goes that law does not keep.';
CREATE TABLE "privacy_consent" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "given" BOOL NOT NULL,
    "version" VARCHAR(16) NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "scope" JSONB NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_privacy_con_citizen_324cb3" ON "privacy_consent" ("citizen", "purpose", "id");
COMMENT ON TABLE "privacy_consent" IS 'One yes or no to one purpose: to which words (version and their hash), when, where from. Rows are only ever added,';
CREATE TABLE "privacy_correction" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "field" VARCHAR(16) NOT NULL,
    "wanted_sealed" BYTEA,
    "why_sealed" BYTEA,
    "reason_sealed" BYTEA,
    "papers" JSONB NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "due_on" DATE NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "decided_by" UUID
);
CREATE INDEX "idx_privacy_cor_citizen_b9f6ca" ON "privacy_correction" ("citizen");
CREATE INDEX "idx_privacy_cor_state_684afb" ON "privacy_correction" ("state");
COMMENT ON TABLE "privacy_correction" IS 'Somebody says that what we keep about them is wrong (art. 46); staff judge it by a date.';
CREATE TABLE "privacy_deletion" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "files" JSONB NOT NULL,
    "finished_at" TIMESTAMPTZ
);
CREATE INDEX "idx_privacy_del_citizen_ccaed8" ON "privacy_deletion" ("citizen");
COMMENT ON TABLE "privacy_deletion" IS 'One deletion that was carried out. It is written down in the store as well, so that a restored database learns of it.';
CREATE TABLE "privacy_export" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "citizen" UUID NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "ready_at" TIMESTAMPTZ,
    "ends_at" TIMESTAMPTZ,
    "size" INT NOT NULL,
    "fetched" INT NOT NULL,
    "ticket_digest" VARCHAR(64),
    "ticket_ends_at" TIMESTAMPTZ
);
CREATE INDEX "idx_privacy_exp_citizen_6166e3" ON "privacy_export" ("citizen");
CREATE INDEX "idx_privacy_exp_ends_at_344f92" ON "privacy_export" ("ends_at");
COMMENT ON TABLE "privacy_export" IS 'A copy of everything about a person (art. 45), sealed in the store until it ends; fetched with a ticket used once.';
CREATE UNIQUE INDEX privacy_one_export_asked ON privacy_export (citizen) WHERE state = 'asked';
CREATE UNIQUE INDEX privacy_one_correction_asked ON privacy_correction (citizen, field) WHERE state = 'asked';
CREATE UNIQUE INDEX privacy_one_closure_cooling ON privacy_closure (citizen) WHERE state = 'cooling';
CREATE INDEX privacy_correction_desk ON privacy_correction (state, due_on, asked_at, id);
CREATE INDEX privacy_deletion_waiting ON privacy_deletion (at) WHERE finished_at IS NULL;
ALTER TABLE privacy_export ADD CONSTRAINT privacy_export_state CHECK (state IN ('asked', 'ready', 'ended'));
ALTER TABLE privacy_correction ADD CONSTRAINT privacy_correction_state CHECK (
  state IN ('asked', 'approved', 'refused', 'withdrawn') AND (state = 'asked') = (decided_at IS NULL));
ALTER TABLE privacy_closure ADD CONSTRAINT privacy_closure_state CHECK (
  state IN ('cooling', 'cancelled', 'done') AND (state = 'cooling') = (ended_at IS NULL));
CREATE FUNCTION privacy_consent_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.citizen, OLD.purpose, OLD.given, OLD.version, OLD.digest, OLD.channel, OLD.at)
     IS DISTINCT FROM (NEW.citizen, NEW.purpose, NEW.given, NEW.version, NEW.digest, NEW.channel, NEW.at) THEN
    RAISE EXCEPTION 'what somebody said is not rewritten' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER privacy_consent_stands BEFORE UPDATE OR DELETE ON privacy_consent
  FOR EACH ROW EXECUTE FUNCTION privacy_consent_stands();
CREATE TABLE "ratings_case_rating" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "application" UUID NOT NULL UNIQUE,
    "citizen" UUID NOT NULL,
    "by" UUID NOT NULL,
    "item_code" VARCHAR(40) NOT NULL,
    "department_code" VARCHAR(32) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "clerk" UUID,
    "level" INT NOT NULL,
    "reasons" JSONB NOT NULL,
    "comment" VARCHAR(500) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_ratings_cas_citizen_39209a" ON "ratings_case_rating" ("citizen");
COMMENT ON TABLE "ratings_case_rating" IS 'What a citizen, or who acts for them, says of a decided case, once: level 1 very bad … 5 very good.';
CREATE TABLE "ratings_rectification" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(12) NOT NULL,
    "about" UUID NOT NULL,
    "citizen" UUID NOT NULL,
    "rated" UUID,
    "item_code" VARCHAR(40),
    "department_code" VARCHAR(32),
    "region_code" VARCHAR(12) NOT NULL,
    "owner" UUID,
    "state" VARCHAR(12) NOT NULL,
    "version" INT NOT NULL,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "contact_due" DATE NOT NULL,
    "due" DATE NOT NULL,
    "warned_at" TIMESTAMPTZ,
    "escalated_on" DATE,
    "escalation" INT NOT NULL,
    "finding" VARCHAR(12) NOT NULL,
    "measures" VARCHAR(2000) NOT NULL,
    "answered_by" UUID,
    "answered_at" TIMESTAMPTZ,
    "confirmed_by" UUID,
    "confirmed_at" TIMESTAMPTZ,
    "contest_reason" VARCHAR(500) NOT NULL,
    "contested_by" UUID,
    "voided_by" UUID,
    "result_level" INT,
    "result_comment" VARCHAR(500) NOT NULL,
    "result_rated_at" TIMESTAMPTZ,
    CONSTRAINT "uid_ratings_rec_kind_2b1cc8" UNIQUE ("kind", "about")
);
CREATE INDEX "idx_ratings_rec_citizen_6fd7e5" ON "ratings_rectification" ("citizen");
COMMENT ON TABLE "ratings_rectification" IS 'A bad rating being put right. Level, reasons and comment are the rating''s own, and not repeated here. Never with';
CREATE TABLE "ratings_contact" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "by" UUID NOT NULL,
    "way" VARCHAR(8) NOT NULL,
    "reached" BOOL NOT NULL,
    "note" VARCHAR(500) NOT NULL,
    "rectification_id" UUID NOT NULL REFERENCES "ratings_rectification" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_ratings_con_rectifi_d21a60" ON "ratings_contact" ("rectification_id");
COMMENT ON TABLE "ratings_contact" IS 'One try to call who rated.';
CREATE TABLE "ratings_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "from_state" VARCHAR(12),
    "to_state" VARCHAR(12) NOT NULL,
    "note" VARCHAR(500) NOT NULL,
    "rectification_id" UUID NOT NULL REFERENCES "ratings_rectification" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_ratings_cha_rectifi_4293ef" ON "ratings_change" ("rectification_id");
COMMENT ON TABLE "ratings_change" IS 'One move of a rectification: who, when, why, from, to. Rows are never changed.';
ALTER TABLE ratings_case_rating ADD CONSTRAINT ratings_case_rating_level CHECK (level BETWEEN 1 AND 5);
ALTER TABLE ratings_rectification ADD CONSTRAINT ratings_rectification_said CHECK (
  kind IN ('conversation', 'application') AND state IN ('open', 'answered', 'confirmed', 'contested', 'void')
  AND finding IN ('', 'justified', 'partly', 'explained') AND (result_level IS NULL OR result_level BETWEEN 1 AND 5)
  AND (result_level IS NULL) = (result_rated_at IS NULL));
ALTER TABLE ratings_rectification ADD CONSTRAINT ratings_rectification_two_people CHECK (
  (state NOT IN ('answered', 'confirmed') OR (answered_by IS NOT NULL AND finding <> ''))
  AND (state <> 'confirmed' OR (confirmed_by IS NOT NULL AND confirmed_by <> answered_by))
  AND (state NOT IN ('contested', 'void') OR contested_by IS NOT NULL)
  AND (state <> 'void' OR (voided_by IS NOT NULL AND voided_by <> contested_by)));
ALTER TABLE ratings_rectification ADD CONSTRAINT ratings_rectification_not_the_rated CHECK (
  rated IS NULL OR (owner IS DISTINCT FROM rated AND answered_by IS DISTINCT FROM rated
  AND confirmed_by IS DISTINCT FROM rated AND contested_by IS DISTINCT FROM rated AND voided_by IS DISTINCT FROM rated));
ALTER TABLE ratings_contact ADD CONSTRAINT ratings_contact_way CHECK (way IN ('phone', 'chat', 'visit'));
CREATE INDEX ratings_rectification_due ON ratings_rectification (due) WHERE state IN ('open', 'answered', 'contested');
CREATE TABLE "replies_reply" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "code" VARCHAR(60)  UNIQUE,
    "scope" VARCHAR(12) NOT NULL,
    "item_code" VARCHAR(40),
    "department_code" VARCHAR(32),
    "owner" UUID,
    "live" INT NOT NULL,
    "newest" INT NOT NULL,
    "title" JSONB NOT NULL,
    "words" JSONB NOT NULL,
    "initials" VARCHAR(80) NOT NULL,
    "cite_version" INT,
    "cite_at" VARCHAR(60),
    "cite_digest" VARCHAR(64),
    "stale_since" TIMESTAMPTZ,
    "withdrawn_at" TIMESTAMPTZ,
    "uses" INT NOT NULL,
    "last_used_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX "idx_replies_rep_item_co_d6c302" ON "replies_reply" ("item_code");
CREATE INDEX "idx_replies_rep_departm_c081d3" ON "replies_reply" ("department_code");
CREATE INDEX "idx_replies_rep_owner_85a848" ON "replies_reply" ("owner");
COMMENT ON TABLE "replies_reply" IS 'A reply as it is in force; `live` is the number of the revision it says, 0 as long as none was agreed to.';
CREATE TABLE "replies_revision" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "number" INT NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "title" JSONB NOT NULL,
    "words" JSONB NOT NULL,
    "cite_version" INT,
    "cite_at" VARCHAR(60),
    "cite_digest" VARCHAR(64),
    "author" UUID,
    "author_name" VARCHAR(64) NOT NULL,
    "written_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_name" VARCHAR(64) NOT NULL,
    "decided_at" TIMESTAMPTZ,
    "note" VARCHAR(200) NOT NULL,
    "reply_id" UUID NOT NULL REFERENCES "replies_reply" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_replies_rev_reply_i_9eafbc" UNIQUE ("reply_id", "number")
);
COMMENT ON TABLE "replies_revision" IS 'What a reply said, or would say: who wrote it, who agreed, when. Never changed once it was decided.';
ALTER TABLE replies_reply ADD CONSTRAINT replies_reply_place CHECK (
  CASE scope WHEN 'item' THEN item_code IS NOT NULL AND department_code IS NOT NULL
    WHEN 'department' THEN item_code IS NULL AND department_code IS NOT NULL
    WHEN 'personal' THEN department_code IS NULL AND owner IS NOT NULL ELSE false END);
ALTER TABLE replies_reply ADD CONSTRAINT replies_reply_cite CHECK (
  (cite_at IS NULL) = (cite_version IS NULL) AND (cite_at IS NULL) = (cite_digest IS NULL)
  AND (stale_since IS NULL OR cite_at IS NOT NULL) AND live BETWEEN 0 AND newest AND uses >= 0);
ALTER TABLE replies_revision ADD CONSTRAINT replies_revision_state CHECK (
  state IN ('asked', 'live', 'refused', 'former') AND number >= 1);
CREATE UNIQUE INDEX replies_revision_one_live ON replies_revision (reply_id) WHERE state = 'live';
CREATE UNIQUE INDEX replies_revision_one_asked ON replies_revision (reply_id) WHERE state = 'asked';
CREATE INDEX replies_reply_stale ON replies_reply (department_code) WHERE stale_since IS NOT NULL;

CREATE FUNCTION replies_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'live' AND NEW.author IS NOT NULL AND NEW.author = NEW.decided_by
    AND EXISTS (SELECT 1 FROM replies_reply r WHERE r.id = NEW.reply_id AND r.scope <> 'personal')
    AND NOT EXISTS (SELECT 1 FROM replies_revision p WHERE p.reply_id = NEW.reply_id AND p.number < NEW.number
      AND p.words = NEW.words AND p.title = NEW.title AND p.state = 'former' AND p.decided_at IS NOT NULL)
  THEN RAISE EXCEPTION 'another person has to agree to what a whole department says' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER replies_two_people BEFORE INSERT OR UPDATE ON replies_revision
  FOR EACH ROW EXECUTE FUNCTION replies_two_people();
CREATE TABLE "sms_code" (
    "flow_digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "purpose" VARCHAR(16) NOT NULL,
    "phone_sealed" BYTEA NOT NULL,
    "phone_index" VARCHAR(64) NOT NULL,
    "code_digest" VARCHAR(64) NOT NULL,
    "owner" UUID,
    "tries" INT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "sent" VARCHAR(80)
);
CREATE INDEX "idx_sms_code_created_5d10d6" ON "sms_code" ("created_at");
CREATE INDEX "idx_sms_code_phone_i_f76dcb" ON "sms_code" ("phone_index", "created_at");
COMMENT ON TABLE "sms_code" IS 'One code on its way to one number for one purpose. The flow is known by its digest, the code by a keyed digest bound';
CREATE TABLE "sms_hour" (
    "hour" TIMESTAMPTZ NOT NULL  PRIMARY KEY,
    "codes" INT NOT NULL,
    "alarmed_at" TIMESTAMPTZ
);
COMMENT ON TABLE "sms_hour" IS 'What was sent in an hour, and when its alarm was raised.';
ALTER TABLE sms_code ADD CONSTRAINT sms_code_few_tries CHECK (tries BETWEEN 0 AND 5);
ALTER TABLE sms_code ADD CONSTRAINT sms_code_is_short
  CHECK (expires_at > created_at AND expires_at <= created_at + interval '5 minutes');
ALTER TABLE sms_code ADD CONSTRAINT sms_code_purpose CHECK (purpose IN ('sign_in', 'step_up', 'phone', 'merge'));
ALTER TABLE sms_code ADD CONSTRAINT sms_code_has_an_owner CHECK ((purpose = 'sign_in') = (owner IS NULL));
CREATE TABLE "staffing_duty_change" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor" VARCHAR(80) NOT NULL,
    "act" VARCHAR(8) NOT NULL,
    "duty" UUID NOT NULL,
    "staff" UUID NOT NULL,
    "item_code" VARCHAR(40) NOT NULL,
    "region_code" VARCHAR(12) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "valid_from" DATE,
    "valid_to" DATE
);
CREATE INDEX "idx_staffing_du_item_co_2187d3" ON "staffing_duty_change" ("item_code", "region_code");
COMMENT ON TABLE "staffing_duty_change" IS 'What happened to a duty, written by the database itself whatever changed it. Rows are never changed.';
CREATE TABLE "staffing_head" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(12) NOT NULL,
    "code" VARCHAR(32) NOT NULL,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_staffing_he_kind_96abe3" UNIQUE ("kind", "code")
);
CREATE INDEX "idx_staffing_he_staff_i_a41832" ON "staffing_head" ("staff_id");
COMMENT ON TABLE "staffing_head" IS 'Who heads a region or a department.';
CREATE TABLE "staffing_leave" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(12) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "from_day" DATE NOT NULL,
    "from_half" VARCHAR(2) NOT NULL,
    "to_day" DATE NOT NULL,
    "to_half" VARCHAR(2) NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "note" VARCHAR(300) NOT NULL,
    "version" INT NOT NULL,
    "asked_by" UUID NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "decision_note" VARCHAR(300) NOT NULL,
    "cover_id" UUID REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_staffing_le_cover_i_a1a137" ON "staffing_leave" ("cover_id");
CREATE INDEX "idx_staffing_le_staff_i_61d886" ON "staffing_leave" ("staff_id", "starts_at");
CREATE INDEX "idx_staffing_le_state_422745" ON "staffing_leave" ("state", "starts_at");
COMMENT ON TABLE "staffing_leave" IS 'An absence, from its first to its last half day. `starts_at` and `ends_at` are instants; the end is excluded.';
CREATE TABLE "staffing_handover" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(12) NOT NULL,
    "subject" UUID NOT NULL,
    "from_staff" UUID NOT NULL,
    "to_staff" UUID,
    "at" TIMESTAMPTZ NOT NULL,
    "closed_at" TIMESTAMPTZ,
    "outcome" VARCHAR(12) NOT NULL,
    "leave_id" UUID REFERENCES "staffing_leave" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_staffing_ha_subject_d36a0a" ON "staffing_handover" ("subject");
CREATE INDEX "idx_staffing_ha_leave_i_d43788" ON "staffing_handover" ("leave_id");
COMMENT ON TABLE "staffing_handover" IS 'One thing that went from hand to hand because somebody is away; it returns unless there is a reason not to.';
CREATE TABLE "staffing_role_change" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "role" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "emergency" BOOL NOT NULL,
    "reason" VARCHAR(300) NOT NULL,
    "proposed_by" UUID NOT NULL,
    "proposed_at" TIMESTAMPTZ NOT NULL,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ,
    "note" VARCHAR(300) NOT NULL,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_staffing_ro_propose_b9b7f9" ON "staffing_role_change" ("proposed_at");
CREATE INDEX "idx_staffing_ro_staff_i_0feb55" ON "staffing_role_change" ("staff_id");
COMMENT ON TABLE "staffing_role_change" IS 'A role somebody is to be given or to lose: asked for by one admin, decided by another.';
CREATE TABLE "staffing_shift" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "day" DATE NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "starts" INT NOT NULL,
    "ends" INT NOT NULL,
    "by" VARCHAR(80) NOT NULL,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_staffing_sh_day_810654" ON "staffing_shift" ("day");
CREATE INDEX "idx_staffing_sh_staff_i_c8e94c" ON "staffing_shift" ("staff_id", "day");
COMMENT ON TABLE "staffing_shift" IS 'Working time of one dated day, in place of the weekly hours. Minutes after the day''s midnight in the city''s zone;';
CREATE TABLE "staffing_unit" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "name" JSONB NOT NULL,
    "closed_at" TIMESTAMPTZ,
    "department_id" VARCHAR(32) NOT NULL REFERENCES "auth_department" ("code") ON DELETE RESTRICT,
    "head_id" UUID REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_staffing_un_departm_8a5cb5" ON "staffing_unit" ("department_id");
CREATE INDEX "idx_staffing_un_head_id_6bc75a" ON "staffing_unit" ("head_id");
COMMENT ON TABLE "staffing_unit" IS 'A section (科室) of a department.';
CREATE TABLE "staffing_place" (
    "reports_to_id" UUID REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT,
    "unit_id" UUID REFERENCES "staffing_unit" ("id") ON DELETE RESTRICT,
    "staff_id" UUID NOT NULL  PRIMARY KEY REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_staffing_pl_reports_86efc5" ON "staffing_place" ("reports_to_id");
CREATE INDEX "idx_staffing_pl_unit_id_2ba33f" ON "staffing_place" ("unit_id");
COMMENT ON TABLE "staffing_place" IS 'Where a person sits: the unit, and whom they report to when it is not who heads it.';
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
CREATE TABLE "staffing_opening" (
    "department" VARCHAR(32) NOT NULL  PRIMARY KEY,
    "hours" JSONB NOT NULL
);
COMMENT ON TABLE "staffing_opening" IS 'When a department serves the public, where it is not the city''s usual hours: weekday → [[\"09:00\", \"12:00\"], …] in';
CREATE TABLE "staffing_tongue" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "language" VARCHAR(8) NOT NULL,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_staffing_to_staff_i_64d260" UNIQUE ("staff_id", "language")
);
COMMENT ON TABLE "staffing_tongue" IS 'A language beside Chinese in which a person serves citizens.';
CREATE TABLE "transcripts_transcript" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "conversation" UUID NOT NULL,
    "citizen" UUID NOT NULL,
    "variant" VARCHAR(8) NOT NULL,
    "top_seq" BIGINT NOT NULL,
    "notes" INT NOT NULL,
    "entries" INT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "code" VARCHAR(32) NOT NULL UNIQUE,
    "title" JSONB NOT NULL,
    "issuer" JSONB NOT NULL,
    "holder_masked" VARCHAR(64) NOT NULL,
    "made_by" VARCHAR(64) NOT NULL,
    "made_at" TIMESTAMPTZ NOT NULL,
    "file_sha256" VARCHAR(64),
    "emptied_at" TIMESTAMPTZ,
    CONSTRAINT "uid_transcripts_convers_aa1960" UNIQUE ("conversation", "variant", "top_seq", "notes")
);
CREATE INDEX "idx_transcripts_convers_098bac" ON "transcripts_transcript" ("conversation");
CREATE INDEX "idx_transcripts_citizen_e7c2b5" ON "transcripts_transcript" ("citizen");
COMMENT ON TABLE "transcripts_transcript" IS 'One document. The same conversation up to the same entry is one row, one code and the same bytes.';
ALTER TABLE transcripts_transcript ADD CONSTRAINT transcripts_transcript_said CHECK (
  variant IN ('citizen', 'staff', 'internal') AND top_seq >= 0 AND notes >= 0 AND entries >= 1
  AND (variant = 'internal' OR notes = 0));
CREATE FUNCTION transcripts_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.conversation, OLD.variant, OLD.top_seq, OLD.notes, OLD.entries, OLD.digest, OLD.code,
      OLD.made_by, OLD.made_at) IS DISTINCT FROM (NEW.conversation, NEW.variant, NEW.top_seq, NEW.notes, NEW.entries,
      NEW.digest, NEW.code, NEW.made_by, NEW.made_at) THEN
    RAISE EXCEPTION 'a transcript stays as it was made' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER transcripts_stays BEFORE UPDATE OR DELETE ON transcripts_transcript
  FOR EACH ROW EXECUTE FUNCTION transcripts_stays();
CREATE TABLE "treasury_sharing_rule" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "department_id" VARCHAR(32) NOT NULL,
    "income_item_code" VARCHAR(32) NOT NULL DEFAULT '',
    "effective_on" DATE NOT NULL,
    "shares" JSONB NOT NULL,
    "basis" JSONB NOT NULL,
    "made_by" VARCHAR(80) NOT NULL,
    "made_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_treasury_sh_departm_bb3459" UNIQUE ("department_id", "income_item_code", "effective_on")
);
CREATE INDEX "idx_treasury_sh_departm_59a044" ON "treasury_sharing_rule" ("department_id");
CREATE TABLE "treasury_handing_over" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "number" VARCHAR(40) NOT NULL UNIQUE,
    "department_id" VARCHAR(32) NOT NULL,
    "income_item_code" VARCHAR(32) NOT NULL,
    "until" TIMESTAMPTZ NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "shares" JSONB NOT NULL,
    "made_by" VARCHAR(80) NOT NULL,
    "made_at" TIMESTAMPTZ NOT NULL,
    "rule_id" UUID NOT NULL REFERENCES "treasury_sharing_rule" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_treasury_ha_departm_0ad0f6" UNIQUE ("department_id", "income_item_code", "until")
);
CREATE INDEX "idx_treasury_ha_rule_id_556474" ON "treasury_handing_over" ("rule_id");
CREATE TABLE "treasury_book_seal" (
    "day" DATE NOT NULL  PRIMARY KEY,
    "entries" INT NOT NULL,
    "balances" JSONB NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "sealed_at" TIMESTAMPTZ NOT NULL
);
ALTER TABLE treasury_handing_over ADD CONSTRAINT treasury_handing_over_amount CHECK (amount_fen > 0);CREATE TRIGGER treasury_sharing_rule_append_only BEFORE UPDATE OR DELETE ON treasury_sharing_rule FOR EACH ROW EXECUTE FUNCTION kit_append_only();CREATE TRIGGER treasury_sharing_rule_no_truncate BEFORE TRUNCATE ON treasury_sharing_rule FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();CREATE TRIGGER treasury_handing_over_append_only BEFORE UPDATE OR DELETE ON treasury_handing_over FOR EACH ROW EXECUTE FUNCTION kit_append_only();CREATE TRIGGER treasury_handing_over_no_truncate BEFORE TRUNCATE ON treasury_handing_over FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();CREATE TRIGGER treasury_book_seal_append_only BEFORE UPDATE OR DELETE ON treasury_book_seal FOR EACH ROW EXECUTE FUNCTION kit_append_only();CREATE TRIGGER treasury_book_seal_no_truncate BEFORE TRUNCATE ON treasury_book_seal FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
CREATE INDEX payments_payment_transaction ON payments_payment (transaction_id);
CREATE INDEX payments_receipt_by_number ON payments_receipt (number);
CREATE INDEX payments_refund_there ON payments_refund (channel_refund_id) WHERE channel_refund_id IS NOT NULL;
CREATE INDEX payments_refund_voucher ON payments_refund (voucher) WHERE voucher IS NOT NULL;
CREATE INDEX payments_difference_number ON payments_difference (number) WHERE number <> '';
CREATE TABLE "workplaces_identity" (
    "id" UUID NOT NULL  PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "organisation" VARCHAR(64) NOT NULL,
    "subject" VARCHAR(128) NOT NULL,
    "vouched" BOOL NOT NULL,
    "bound_at" TIMESTAMPTZ NOT NULL,
    "bound_by" VARCHAR(64) NOT NULL,
    "staff_id" UUID NOT NULL REFERENCES "auth_staff_member" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_workplaces__kind_c11902" UNIQUE ("kind", "organisation", "subject"),
    CONSTRAINT "uid_workplaces__kind_012c37" UNIQUE ("kind", "staff_id")
);
CREATE INDEX "idx_workplaces__staff_i_8b7bc2" ON "workplaces_identity" ("staff_id");
COMMENT ON TABLE "workplaces_identity" IS '(Kind, organisation, user id) is one member of staff, who has one identity a kind. `vouched` when the member bound';
CREATE TABLE "workplaces_start" (
    "state_digest" VARCHAR(64) NOT NULL  PRIMARY KEY,
    "secret_digest" VARCHAR(64) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "purpose" VARCHAR(16) NOT NULL,
    "session" UUID,
    "staff" UUID,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ
);
CREATE INDEX "idx_workplaces__expires_3a6af1" ON "workplaces_start" ("expires_at");
COMMENT ON TABLE "workplaces_start" IS 'One sign-in begun at a workplace, for the holder of `secret`. State and secret are known by their digests and used';
ALTER TABLE workplaces_identity ADD CONSTRAINT workplaces_identity_kind CHECK (kind IN ('dingtalk', 'wecom'));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_kind CHECK (kind IN ('dingtalk', 'wecom'));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_purpose
  CHECK (purpose IN ('sign_in', 'bind', 'second_factor'));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_binds_in_a_session
  CHECK ((purpose = 'bind') = (session IS NOT NULL));
ALTER TABLE workplaces_start ADD CONSTRAINT workplaces_start_knows_who_lacks_a_code
  CHECK ((purpose = 'second_factor') = (staff IS NOT NULL));
INSERT INTO tortoise_migrations (app, name, applied_at) VALUES
  ('kit', '0001_initial', now()),
  ('kit', '0002_guards', now()),
  ('auth', '0001_initial', now()),
  ('acting', '0001_initial', now()),
  ('acting', '0002_guards', now()),
  ('catalogue', '0001_initial', now()),
  ('catalogue', '0002_search_and_guards', now()),
  ('answers', '0001_initial', now()),
  ('answers', '0002_guards', now()),
  ('applications', '0001_initial', now()),
  ('applications', '0002_guards', now()),
  ('auth', '0002_guards', now()),
  ('auth', '0003_scans', now()),
  ('auth', '0004_scan_guards', now()),
  ('auth', '0005_phone_seals', now()),
  ('attestation', '0001_initial', now()),
  ('attestation', '0002_guards', now()),
  ('attestation', '0003_claims_with_photographs', now()),
  ('auth', '0006_session_devices', now()),
  ('auth', '0007_duty_periods', now()),
  ('auth', '0008_held_rights', now()),
  ('auth', '0009_scans_renewed', now()),
  ('bookings', '0001_initial', now()),
  ('bookings', '0002_guards', now()),
  ('casefees', '0001_initial', now()),
  ('certificates', '0001_initial', now()),
  ('certificates', '0002_guards', now()),
  ('certificates', '0003_names_may_go', now()),
  ('chat', '0001_initial', now()),
  ('chat', '0002_guards', now()),
  ('chat', '0003_append_by_index', now()),
  ('chat', '0004_handing_on', now()),
  ('chat', '0005_on_behalf_of', now()),
  ('chat', '0006_latest_first', now()),
  ('chat', '0007_edits_and_recalls', now()),
  ('chat', '0008_never_alone', now()),
  ('chat', '0012_append_new', now()),
  ('payments', '0001_initial', now()),
  ('payments', '0002_guards', now()),
  ('closing', '0001_initial', now()),
  ('consulting', '0001_initial', now()),
  ('consulting', '0002_guards', now()),
  ('payments', '0004_bills', now()),
  ('payments', '0005_orders', now()),
  ('payments', '0006_refunds', now()),
  ('payments', '0010_orders', now()),
  ('counter', '0001_initial', now()),
  ('counter', '0002_guards', now()),
  ('credentials', '0001_initial', now()),
  ('credentials', '0002_guards', now()),
  ('desk', '0001_initial', now()),
  ('discretion', '0001_initial', now()),
  ('discretion', '0002_guards', now()),
  ('discretion', '0003_edited_texts', now()),
  ('dues', '0001_initial', now()),
  ('dues', '0002_guards', now()),
  ('hotline', '0001_initial', now()),
  ('hotline', '0002_guards', now()),
  ('joining', '0001_initial', now()),
  ('joining', '0002_guards', now()),
  ('keyring', '0001_initial', now()),
  ('kit', '0003_keyed_audit', now()),
  ('materials', '0001_initial', now()),
  ('notify', '0001_initial', now()),
  ('notify', '0002_staff_notices', now()),
  ('notify', '0003_ways', now()),
  ('notify', '0004_sending', now()),
  ('payments', '0007_recon', now()),
  ('payments', '0012_recon', now()),
  ('privacy', '0001_initial', now()),
  ('privacy', '0002_guards', now()),
  ('ratings', '0001_initial', now()),
  ('ratings', '0002_guards', now()),
  ('replies', '0001_initial', now()),
  ('replies', '0002_guards', now()),
  ('sms', '0001_initial', now()),
  ('sms', '0002_guards', now()),
  ('staffing', '0001_initial', now()),
  ('staffing', '0002_guards', now()),
  ('staffing', '0003_tongues_and_openings', now()),
  ('transcripts', '0001_initial', now()),
  ('transcripts', '0002_guards', now()),
  ('treasury', '0001_initial', now()),
  ('treasury', '0002_search', now()),
  ('workplaces', '0001_initial', now()),
  ('workplaces', '0002_guards', now());
