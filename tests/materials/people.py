"""People for the tests: a verified citizen."""

from uuid import uuid4

from auth.citizens import seal_phone
from auth.models import Citizen
from kit import clock, crypto


async def verified_citizen(
    name: str = "欧阳晴",
    *,
    id_number: str = "440105199001011230",
    phone: str = "13800138000",
    assurance: str = "real_name",
) -> Citizen:
    person = Citizen(id=uuid4(), assurance=assurance, created_at=clock.now())
    seal_phone(person, phone)
    if assurance != "phone":
        person.name_sealed = crypto.seal(name, bound_to=f"auth_citizen.name:{person.id}")
        person.id_number_sealed = crypto.seal(id_number, bound_to=f"auth_citizen.id_number:{person.id}")
        person.id_number_index = crypto.blind_index(id_number, purpose="citizen.id_number")
    await person.save()
    return person
