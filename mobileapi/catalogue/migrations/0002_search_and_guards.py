"""What models cannot say: the search vector, published versions that never change, and the edition readers watch."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
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
"""
BACKWARD = """
DROP FUNCTION catalogue_new_edition CASCADE;
DROP TABLE catalogue_edition;
DROP TRIGGER catalogue_item_version_append_only ON catalogue_item_version;
ALTER TABLE catalogue_item DROP COLUMN search;
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial"), ("auth", "0001_initial"), ("kit", "0002_guards")]
    operations = [ops.RunSQL(FORWARD, BACKWARD)]
