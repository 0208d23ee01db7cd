"""Everything that was rated, wherever the rating stands: of conversations with consultation, of cases here."""

# One row a rating. `about` is the conversation's or the case's id, `citizen` whose matter it was.
GIVEN = """(
  SELECT 'conversation' AS kind, c.id AS about, c.citizen_id AS citizen, g.clerk, c.item_code::text AS item_code,
    c.department_code::text AS department_code, c.region_code::text AS region_code, g.level, g.reasons, g.comment, g.at
  FROM chat_rating g JOIN chat_conversation c ON c.id = g.conversation_id
  UNION ALL
  SELECT 'application', k.application, k.citizen, k.clerk, k.item_code, k.department_code, k.region_code, k.level,
    k.reasons, k.comment, k.at
  FROM ratings_case_rating k
)"""
