// Lends the SDKs to the tests: one JSON request a line on stdin, one JSON answer a line on stdout.
// The SDKs are unchanged; only the host they call is the sandbox's (of WeChat Pay through its own door for HTTP).
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { AlipaySdk } from 'alipay-sdk'
import WxPay from 'wechatpay-node-v3'

const HOST = 'https://api.mch.weixin.qq.com'
const issued = JSON.parse(process.argv[2])
const text = (name) => readFileSync(issued[name], 'utf8')

const alipay = new AlipaySdk({
  appId: issued.HANDHELD_ALIPAY_APP_ID,
  privateKey: text('HANDHELD_ALIPAY_PRIVATE_KEY_FILE'),
  keyType: 'PKCS8',
  alipayPublicKey: text('HANDHELD_ALIPAY_PUBLIC_KEY_FILE'),
  gateway: issued.HANDHELD_ALIPAY_GATEWAY_URL
})

const wechat = new WxPay({
  appid: issued.HANDHELD_WECHAT_APP_ID,
  mchid: issued.HANDHELD_WECHATPAY_MCH_ID,
  serial_no: issued.HANDHELD_WECHATPAY_SERIAL_NO,
  publicKey: Buffer.from(''),
  privateKey: Buffer.from(text('HANDHELD_WECHATPAY_PRIVATE_KEY_FILE')),
  key: issued.HANDHELD_WECHATPAY_API_V3_KEY
})

const send = async (method, url, body, headers) => {
  const { 'Accept-Encoding': _, ...kept } = headers
  const sent = { method, headers: { ...kept, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) } }
  const answer = await fetch(url.replace(HOST, issued.HANDHELD_WECHATPAY_API_URL), {
    ...sent,
    body: body === undefined ? undefined : JSON.stringify(body)
  })
  const raw = await answer.text()
  const signature = Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('wechatpay-')))
  const json = answer.headers.get('content-type')?.startsWith('application/json') && raw
  return { status: answer.status, data: json ? JSON.parse(raw) : raw, raw, signature }
}
wechat.createHttp({
  get: (url, headers) => send('GET', url, undefined, headers),
  post: (url, params, headers) => send('POST', url, params, headers)
})

const genuine = (signature, body) =>
  wechat.verifySign({
    timestamp: signature['wechatpay-timestamp'],
    nonce: signature['wechatpay-nonce'],
    serial: signature['wechatpay-serial'],
    signature: signature['wechatpay-signature'],
    body
  })

const calls = {
  alipay: (method, params) => alipay.exec(method, params, { validateSign: true }),
  alipayNotice: (fields) => alipay.checkNotifySignV2(fields),
  wechat: (name, ...args) => wechat[name](...args),
  wechatBill: (url) => wechat.downloadBill(url.replace(issued.HANDHELD_WECHATPAY_API_URL, HOST)),
  wechatGenuine: genuine,
  wechatOpened: ({ ciphertext, associated_data, nonce }) => wechat.decipher_gcm(ciphertext, associated_data, nonce)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line)
  let told
  try {
    told = { result: await calls[call](...args) }
  } catch (error) {
    told = { error: String(error.message), code: error.code ?? null }
  }
  process.stdout.write(JSON.stringify(told) + '\n')
}
