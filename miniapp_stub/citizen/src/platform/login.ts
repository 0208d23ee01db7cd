// One tap: each platform's own login code and phone code. On H5 the demonstration plays the phone (marked so on screen).
export interface Codes {
  platform: "wechat" | "alipay";
  login_code: string;
  phone_code?: string;
}

/** `phone` is what the platform's phone button handed over: WeChat a code, Alipay a sealed text; may be missing. */
export function platformCodes(phone?: string): Promise<Codes | undefined> {
  return new Promise((resolve) => {
    // #ifdef MP-WEIXIN
    uni.login({
      provider: "weixin",
      success: (said) => resolve({ platform: "wechat", login_code: said.code, ...(phone ? { phone_code: phone } : {}) }),
      fail: () => resolve(undefined),
    });
    // #endif
    // #ifdef MP-ALIPAY
    my.getAuthCode({
      scopes: "auth_base",
      success: (said) => resolve({ platform: "alipay", login_code: said.authCode, ...(phone ? { phone_code: phone } : {}) }),
      fail: () => resolve(undefined),
    });
    // #endif
    // #ifdef H5
    void phone;
    resolve(undefined);
    // #endif
  });
}

// #ifdef MP-ALIPAY
/** The sealed number, once the person allowed it; empty when Alipay does not give it, and then they sign in without. */
export function alipayPhone(): Promise<string> {
  return new Promise((resolve) => my.getPhoneNumber({ success: (said) => resolve(said.response), fail: () => resolve("") }));
}
// #endif
