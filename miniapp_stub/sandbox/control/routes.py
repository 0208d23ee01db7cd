"""Every control path with the handler behind it."""

from starlette.routing import BaseRoute, Route

from miniapp_stub.sandbox import agreeing
from miniapp_stub.sandbox.attestation import pages as people_office
from miniapp_stub.sandbox.control import cashier, channel, companies, conditions, members, payers
from miniapp_stub.sandbox.control.asking import Handler, control
from miniapp_stub.sandbox.messages import pages as phone
from miniapp_stub.sandbox.sms import pages as inbox

TABLE: list[tuple[str, str, Handler]] = [
    ("POST", "/people", payers.people),
    ("GET", "/people", payers.whoami),
    ("POST", "/codes", payers.codes),
    ("POST", "/user-data", payers.signed_user_data),
    ("GET", "/organisation/people", members.people),
    ("POST", "/organisation/people", members.join),
    ("POST", "/organisation/codes", members.codes),
    ("DELETE", "/organisation/tokens", members.end_tokens),
    ("POST", "/companies", companies.write_company),
    ("GET", "/companies", companies.list_companies),
    ("POST", "/pay", payers.pay),
    ("GET", "/charges", payers.charges),
    ("GET", "/orders", payers.orders),
    ("POST", "/faults", conditions.set_fault),
    ("GET", "/faults", conditions.list_faults),
    ("DELETE", "/faults", conditions.clear_faults),
    ("DELETE", "/quotas", conditions.forgive_quotas),
    ("POST", "/clock", conditions.set_clock),
    ("GET", "/clock", conditions.show_clock),
    ("GET", "/notices", channel.list_notices),
    ("POST", "/notices/retry", channel.retry_notices),
    ("POST", "/notices/craft", channel.craft_notice),
    ("POST", "/refunds", channel.set_refunds),
    ("POST", "/refunds/settle", channel.settle_refunds),
    ("POST", "/signing", channel.set_signing),
    ("POST", "/certificates", channel.rotate_keys),
    ("DELETE", "/certificates", channel.end_keys),
    ("GET", "/account", channel.show_account),
    ("POST", "/account", channel.move_account),
    ("POST", "/bills", channel.prepare_bill),
    ("GET", "/bills", channel.list_bills),
    ("DELETE", "/bills", channel.drop_bills),
    ("GET", "/texts", inbox.texts),
    ("POST", "/subscriptions", phone.subscribe),
    ("DELETE", "/subscriptions", phone.unsubscribe),
    ("GET", "/messages", phone.messages),
    ("POST", "/registry", people_office.register),
    ("POST", "/faces", people_office.faces),
]

routes: list[BaseRoute] = [
    *(Route(path, control(handler), methods=[method]) for method, path, handler in TABLE),
    Route("/cashier", cashier.show, methods=["GET"]),
    Route("/cashier", cashier.decide, methods=["POST"]),
    Route("/inbox", inbox.show, methods=["GET"]),
    Route("/phone", phone.show, methods=["GET"]),
    Route("/face", people_office.show, methods=["GET"]),
    Route("/face", people_office.decide, methods=["POST"]),
    Route("/organisation/agree", agreeing.agree, methods=["POST"]),
    Route("/cashier.css", cashier.style, methods=["GET"]),
]
