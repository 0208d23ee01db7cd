"""
HouseError
├── Conflict
│   └── IssuerHasNoCode       409  the department has no credit code: nothing it issues can be identified
└── Unavailable
    └── CertificateDamaged    503  the stored document is not the one that was issued
"""

from kit.errors import Conflict, Unavailable
from kit.texts import text


class IssuerHasNoCode(Conflict):
    code = "issuer_has_no_code"
    title = text(
        "发证部门没有统一社会信用代码，不能签发证照", "The issuing department has no unified social credit code"
    )


class CertificateDamaged(Unavailable):
    code = "certificate_damaged"
    title = text("证照文件异常，请联系窗口", "The stored certificate is damaged, please contact the counter")
