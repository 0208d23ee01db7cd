/** The current one-time code of a demo account, computed here so that trying the demo needs no phone (RFC 6238). */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const STEP_S = 30

function unbase32(secret: string): Uint8Array<ArrayBuffer> {
  const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()]
    .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const bytes = bits.match(/.{8}/g) ?? []
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2))
}

function counter(at: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.floor(at / 1000 / STEP_S)))
  return bytes
}

/** Milliseconds until the next code begins; a used code is good for nothing before that. */
export const untilNextCode = (at = Date.now()): number => STEP_S * 1000 - (at % (STEP_S * 1000))

export async function currentCode(secret: string, at = Date.now()): Promise<string> {
  const key = await crypto.subtle.importKey('raw', unbase32(secret), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter(at)))
  const offset = mac.getUint8(19) & 0x0f
  return String((mac.getUint32(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
