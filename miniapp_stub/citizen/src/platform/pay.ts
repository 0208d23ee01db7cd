// The cashier of each platform. Whatever it says is only a hint: the result page asks our server.
export type Outcome = "came_back" | "cancelled";
export interface ClientOrder {
  timeStamp?: string;
  nonceStr?: string;
  package?: string;
  signType?: string;
  paySign?: string;
  trade_no?: string;
  tradeNO?: string;
}

/** Which channel this build can pay through; on H5 the demonstration asks. */
export function ownChannel(): "wechat" | "alipay" | "" {
  // #ifdef MP-WEIXIN
  return "wechat";
  // #endif
  // #ifdef MP-ALIPAY
  return "alipay";
  // #endif
  // #ifdef H5
  return "";
  // #endif
}

export function openCashier(client: ClientOrder): Promise<Outcome> {
  return new Promise((resolve) => {
    // #ifdef MP-WEIXIN
    wx.requestPayment({
      timeStamp: client.timeStamp ?? "",
      nonceStr: client.nonceStr ?? "",
      package: client.package ?? "",
      signType: (client.signType ?? "RSA") as "RSA",
      paySign: client.paySign ?? "",
      success: () => resolve("came_back"),
      fail: (failure: { errMsg: string }) => resolve(/cancel/.test(failure.errMsg) ? "cancelled" : "came_back"),
    });
    // #endif
    // #ifdef MP-ALIPAY
    my.tradePay({
      tradeNO: client.tradeNO ?? client.trade_no ?? "",
      success: (said: { resultCode: string }) => resolve(said.resultCode === "6001" ? "cancelled" : "came_back"),
      fail: () => resolve("came_back"),
    });
    // #endif
    // #ifdef H5
    // A browser has no cashier of its own; the bill page shows the demonstration's marked one instead.
    resolve(client ? "came_back" : "cancelled");
    // #endif
  });
}
