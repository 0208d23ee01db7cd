"""An Alipay mini program's server made of nothing but the protocol: signs requests, checks answers, opens numbers."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.sandbox_server import SandboxServer

TOKEN = "alipay.system.oauth.token"


@dataclass
class MiniProgram:
    """Talks to the gateway as the office would, with the credentials it was issued."""

    sandbox: SandboxServer

    def __post_init__(self) -> None:
        issued = self.sandbox.credentials
        self.gateway, self.app_id = issued["HANDHELD_ALIPAY_GATEWAY_URL"], issued["HANDHELD_ALIPAY_APP_ID"]
        self.aes_key = base64.b64decode(issued["HANDHELD_ALIPAY_AES_KEY"])
        key = load_pem_private_key(Path(issued["HANDHELD_ALIPAY_PRIVATE_KEY_FILE"]).read_bytes(), None)
        alipay_key = load_pem_public_key(Path(issued["HANDHELD_ALIPAY_PUBLIC_KEY_FILE"]).read_bytes())
        assert isinstance(key, RSAPrivateKey) and isinstance(alipay_key, RSAPublicKey)
        self.key, self.alipay_key = key, alipay_key

    def person(self, phone: str = "13800000001") -> str:
        return str(self.sandbox.control("/people", {"platform": "alipay", "phone": phone})["openid"])

    def codes(self, openid: str, **more: Any) -> dict[str, str]:
        return self.sandbox.control("/codes", {"openid": openid} | more)

    def parameters(self, **changes: Any) -> dict[str, str]:
        """A correct request, signed; keyword arguments replace parameters before signing, None removes one."""
        public = {
            "app_id": self.app_id, "method": TOKEN, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
            "timestamp": "2026-01-02 08:00:00", "version": "1.0", "grant_type": "authorization_code",
        }  # fmt: skip
        kept = {name: value for name, value in (public | changes).items() if value is not None}
        text = "&".join(f"{name}={kept[name]}" for name in sorted(kept) if kept[name])
        return kept | {"sign": base64.b64encode(self.key.sign(text.encode(), PKCS1v15(), SHA256())).decode()}

    def post(self, **changes: Any) -> httpx2.Response:
        return self.sandbox.client.post(self.gateway, data=self.parameters(**changes))

    def ask(self, **changes: Any) -> dict[str, Any]:
        """The content of a signed answer."""
        return self.opened(self.post(**changes))

    def opened(self, answer: httpx2.Response) -> dict[str, Any]:
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        (node,) = told.keys() - {"sign"}
        raw = answer.content.removeprefix(f'{{"{node}":'.encode()).rpartition(b',"sign":')[0]
        assert self.verifies(raw, told["sign"])
        content: dict[str, Any] = told[node]
        return content

    def verifies(self, text: bytes, signature: str) -> bool:
        try:
            self.alipay_key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    def number_in(self, phone_code: str) -> dict[str, Any]:
        """Check and open what my.getPhoneNumber gave."""
        text = json.loads(phone_code)
        assert self.verifies(f'"{text["response"]}"'.encode(), text["sign"])
        cipher = Cipher(algorithms.AES(self.aes_key), modes.CBC(bytes(16))).decryptor()
        padded = cipher.update(base64.b64decode(text["response"])) + cipher.finalize()
        clear: dict[str, Any] = json.loads(padded[: -padded[-1]])
        return clear
