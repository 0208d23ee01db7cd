"""How the gateway refuses: a code for the kind, a sub code for the reason."""

MEANING = {
    "10000": "Success",
    "20000": "Service Currently Unavailable",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
}
REASON = {
    "isp.unknow-error": "系统繁忙",
    "isv.missing-method": "缺少方法名参数",
    "isv.invalid-method": "不存在的方法名",
    "isv.missing-app-id": "缺少appId参数",
    "isv.invalid-app-id": "无效的appId参数",
    "isv.missing-signature-type": "缺少签名类型参数",
    "isv.invalid-signature-type": "无效的签名类型",
    "isv.missing-signature": "缺少签名参数",
    "isv.invalid-signature": "验签出错，请检查签名字符串、应用私钥与平台上的应用公钥是否匹配",
    "isv.missing-timestamp": "缺少时间戳参数",
    "isv.invalid-timestamp": "非法的时间戳参数",
    "isv.missing-version": "缺少版本参数",
    "isv.invalid-version": "无效的版本参数",
    "isv.invalid-charset": "字符集错误",
    "isv.invalid-format": "无效的数据格式",
    "isv.invalid-parameter": "参数无效",
    "isv.missing-grant-type": "缺少授权类型参数",
    "isv.grant-type-invalid": "授权类型无效",
    "isv.missing-code": "缺少授权码参数",
    "isv.code-invalid": "授权码code无效",
    "isv.missing-refresh-token": "缺少刷新令牌参数",
    "isv.refresh-token-invalid": "刷新令牌refresh_token无效",
    "isv.refresh-token-time-out": "刷新令牌refresh_token已过期",
    "TEMPLATE_NOT_EXIST": "模板不存在",
    "TEMPLATE_DATA_INVALID": "模板数据不符合要求",
    "USER_NOT_EXIST": "用户不存在",
    "USER_NOT_SUBSCRIBE": "用户未订阅该模板消息",
    "ACQ.SYSTEM_ERROR": "系统错误",
    "ACQ.INVALID_PARAMETER": "参数无效",
    "ACQ.TRADE_NOT_EXIST": "交易不存在",
    "ACQ.TRADE_HAS_SUCCESS": "交易已被支付",
    "ACQ.TRADE_HAS_CLOSE": "交易已经关闭",
    "ACQ.TRADE_HAS_FINISHED": "交易已完结",
    "ACQ.TRADE_STATUS_ERROR": "交易状态不合法",
    "ACQ.CONTEXT_INCONSISTENT": "交易信息被篡改",
    "ACQ.TOTAL_FEE_EXCEED": "订单总金额超过限额",
    "ACQ.DISCORDANT_REPEAT_REQUEST": "请求信息不一致",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超限",
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": "商户的支付宝账户中无足够的资金进行撤销",
    "isp.bill_not_exist": "账单不存在",
}


class GatewayRefusal(Exception):
    """Sent as HTTP 200 in an `error_response`; the kind follows from the sub code unless it is given."""

    def __init__(self, sub_code: str, *, code: str = "") -> None:
        super().__init__(sub_code)
        self.sub_code = sub_code
        self.code = code or ("40001" if sub_code.startswith("isv.missing-") else "40002")

    @property
    def reason(self) -> str:
        return REASON[self.sub_code]

    def content(self) -> dict[str, str]:
        return {
            "code": self.code,
            "msg": MEANING[self.code],
            "sub_code": self.sub_code,
            "sub_msg": self.reason,
        }


class TradeRefusal(GatewayRefusal):
    """A refusal of the business itself: it stands in the method's own answer, with the reason at hand if given."""

    def __init__(self, sub_code: str, *, code: str = "40004", reason: str = "") -> None:
        super().__init__(sub_code, code=code)
        self._reason = reason

    @property
    def reason(self) -> str:
        return self._reason or super().reason
