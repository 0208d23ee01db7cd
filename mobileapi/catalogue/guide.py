"""
The guide of a service item: what the law wants published (State Council rules on online government services 2019,
art. 6: conditions, materials, process), in the shape the import files are written in.

Every sentence for people is a `Text`; a plain string in a file is its Chinese. Codes, telephones and figures are plain.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit.texts import Text

Code = str
_CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"


class Part(BaseModel):
    """Base of all parts: unknown names in a file are mistakes, not extras."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LegalBasis(Part):
    law: Text
    article: Text
    text: Text


class GuideMaterial(Part):
    """One material. `when`: question → values; all named questions must be answered with one of their values."""

    code: Code = Field(pattern=_CODE)
    name: Text
    necessity: Literal["required", "optional", "deferrable"]  # 必要, 非必要, 容缺后补
    form: Literal["original", "copy", "electronic"]
    copies: int = Field(1, ge=0, le=20)
    source: Literal["applicant", "government", "third_party"]
    issuer: Text | None = None
    certificate: Code | None = None
    reason: Text
    when: dict[Code, list[str]] | None = None
    note: Text | None = None


class Option(Part):
    value: str = Field(min_length=1, max_length=40)
    text: Text


class GuideQuestion(Part):
    code: Code = Field(pattern=_CODE)
    text: Text
    why: Text
    options: list[Option] = Field(min_length=2)


class FormField(Part):
    code: Code = Field(pattern=_CODE)
    label: Text
    type: Literal["text", "choice", "date", "number", "phone", "id_number"]
    required: bool
    max_length: int | None = Field(None, ge=1, le=2000)
    options: list[Option] | None = None
    hint: Text | None = None

    @model_validator(mode="after")
    def _choices_have_options(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise ValueError("options belong to a choice, and a choice has options")
        return self


class Step(Part):
    """One step; `counted` says whether its days are part of the limit (administrative licence law art. 45)."""

    name: Text
    who: Text
    working_days: int = Field(ge=0, le=400)
    counted: bool


class TimeLimit(Part):
    days: int = Field(ge=0, le=400)
    unit: Literal["working_days", "natural_days"]


class Fee(Part):
    charged: bool
    amount_fen: int = Field(0, ge=0)
    basis: Text
    reduction: Text | None = None
    due: Literal["apart", "before_decision"] = "apart"  # whether the decision waits for it


class Result(Part):
    name: Text
    kind: Literal["certificate", "approval", "other"]
    delivery: list[Literal["counter", "mail", "electronic"]]
    valid_years: int | None = Field(None, ge=1)


class Place(Part):
    name: Text
    address: Text
    hours: Text
    windows: Text | None = None
    phone: str = ""


class Channels(Part):
    consult: str
    complaint: str


class Faq(Part):
    q: Text
    a: Text


class Guide(Part):
    """All that is published of one item, and the review points its clerks go through."""

    code: Code = Field(pattern=_CODE)
    implementation_code: str = Field(max_length=40)
    name: Text
    aliases: list[str] = []
    department: Code
    kind: str = Field(pattern=r"^[a-z_]{3,40}$")
    case_type: Literal["promise", "instant"]  # 承诺件, 即办件
    audience: list[Literal["person", "organisation"]]
    themes: list[Code]
    regions: list[Code] = Field(min_length=1)
    legal_basis: list[LegalBasis] = Field(min_length=1)
    conditions: list[Text] = Field(min_length=1)
    materials: list[GuideMaterial]
    questions: list[GuideQuestion] = []
    form: list[FormField]
    steps: list[Step] = Field(min_length=1)
    statutory_limit: TimeLimit
    promised_limit: TimeLimit
    fee: Fee
    result: Result
    visits: int = Field(ge=0, le=9)
    online: Literal["full", "partial", "none"]
    assurance: Literal["platform", "phone", "real_name", "face"]
    places: list[Place] = Field(min_length=1)
    channels: Channels
    faq: list[Faq] = []
    remedies: Text
    review_points: list[Text] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        for parts in (self.materials, self.questions, self.form):
            codes = [part.code for part in parts]
            if len(codes) != len(set(codes)):
                raise ValueError("a code is used twice")
        known = {q.code: {o.value for o in q.options} for q in self.questions}
        for material in self.materials:
            for question, values in (material.when or {}).items():
                if not values or not set(values) <= known.get(question, set()):
                    raise ValueError(f"material {material.code} depends on an answer nobody can give: {question}")
        return self

    def material(self, code: str) -> GuideMaterial | None:
        return next((m for m in self.materials if m.code == code), None)
