// One set of 24 px line icons, drawn for this app. Each is the inside of an SVG; the colour comes from the text around it.
const p = (d: string): string => `<path d='${d}'/>`;

const SHAPES: Record<string, string> = {
  home: p("M3 11 12 3.5 21 11M5.5 9.5V20h13V9.5M9.5 20v-6h5v6"),
  services: p("M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z"),
  chat: p("M4 5h16v11.5H10.5L6 20.5v-4H4zM8 9.2h8M8 12.4h5"),
  me: "<circle cx='12' cy='8' r='4'/>" + p("M4.5 20.5c.6-4.2 3.4-6 7.5-6s6.9 1.8 7.5 6"),
  search: "<circle cx='10.5' cy='10.5' r='6.5'/>" + p("m15.5 15.5 5 5"),
  back: p("M15 4.5 7.5 12l7.5 7.5"),
  next: p("m9 5 7 7-7 7"),
  down: p("m5 9 7 7 7-7"),
  close: p("M5 5l14 14M19 5 5 19"),
  check: p("m4.5 12.5 5 5 10-11"),
  alert: "<circle cx='12' cy='12' r='9'/>" + p("M12 7v6.2M12 16.2v.6"),
  info: "<circle cx='12' cy='12' r='9'/>" + p("M12 11v6M12 7.2v.6"),
  bell: p("M6 17V10.5a6 6 0 0 1 12 0V17l1.5 1.5h-15zM10 21h4"),
  clock: "<circle cx='12' cy='12' r='9'/>" + p("M12 7v5.3l3.5 2"),
  refresh: p("M20 11a8 8 0 1 0-2.3 6.5M20 4.5V11h-6.5"),
  phone: p("M6.5 3.5 9.5 4l1.2 4-2 1.8a13 13 0 0 0 5.5 5.5l1.8-2 4 1.2.5 3a2.3 2.3 0 0 1-2.5 2.5C10.5 19.5 4.5 13.5 4 6a2.3 2.3 0 0 1 2.5-2.5z"),
  send: p("M4 12 20.5 4 15 20.5l-3-7zM12 13.5 20.5 4"),
  plus: p("M12 5v14M5 12h14"),
  trash: p("M4 7h16M9 7V4.5h6V7M6 7l1 13.5h10L18 7M10 11v6M14 11v6"),
  download: p("M12 4v11M7 10.5l5 5 5-5M4.5 20h15"),
  place: p("M12 21s7-6.3 7-11.5a7 7 0 1 0-14 0C5 14.7 12 21 12 21z") + "<circle cx='12' cy='9.5' r='2.5'/>",
  camera: p("M4 7.5h3.5L9 5h6l1.5 2.5H20V19H4z") + "<circle cx='12' cy='13' r='3.5'/>",
  image: p("M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4") + "<circle cx='15.5' cy='9' r='1.3'/>",
  doc: p("M6 3.5h8.5L18.5 7.5V20.5H6zM14 3.5V8h4.5M9 12h6.5M9 15.5h6.5"),
  docs: p("M8 3.5h7L19 7.5V17H8zM15 3.5V7.5h4M8 7H5v13.5h10V17"),
  card: p("M3.5 5.5h17v13h-17zM13 10h4.5M13 13.5h4.5M6 15.5c.3-1.7 1.2-2.3 2.5-2.3s2.2.6 2.5 2.3") + "<circle cx='8.5' cy='10' r='1.7'/>",
  house: p("M4 20.5V9.5l8-6 8 6v11zM9.5 20.5v-6h5v6M9 10.5h6"),
  shield: p("M12 3.5 4.5 6v5.5c0 4.5 3 7.5 7.5 9.3 4.5-1.8 7.5-4.8 7.5-9.3V6zM8.5 11.8l2.5 2.5 4.5-4.8"),
  health: p("M12 20.5S3.5 15 3.5 9.2A4.7 4.7 0 0 1 12 6.7a4.7 4.7 0 0 1 8.5 2.5C20.5 15 12 20.5 12 20.5zM6.5 12h3l1.5-2.5 2 5 1.5-2.5h3"),
  car: p("M3.5 12.5 6 6.5h12l2.5 6V18h-17zM3.5 12.5h17M6 18v2M18 18v2M6.8 15.3h1.5M15.7 15.3h1.5"),
  family: "<circle cx='8' cy='7.5' r='3'/><circle cx='16.8' cy='9.5' r='2.3'/>" + p("M2.5 20c.3-4.5 2.3-6.5 5.5-6.5s5.2 2 5.5 6.5M15 14.8c3.5-1 6.2.7 6.5 5.2"),
  work: p("M3.5 8h17v12h-17zM9 8V4.5h6V8M3.5 13h17M12 11.8v2.5"),
  shop: p("M4.5 10v10.5h15V10M3.5 10 5.5 4h13l2 6zM9.5 20.5v-5.5h5v5.5"),
  bill: p("M5.5 3.5h13v17l-2.2-1.5-2.2 1.5-2.1-1.5-2.1 1.5-2.2-1.5-2.2 1.5zM9 8l3 3.5L15 8M12 11.5v5M9.5 12.5h5M9.5 14.8h5"),
  school: p("M2.5 9.5 12 5l9.5 4.5L12 14zM6 11.5v5c3.5 2.7 8.5 2.7 12 0v-5M21.5 9.5V15"),
  law: p("M12 4v16M7.5 20h9M5 7h14M5 7l-2.5 6.5h5zM19 7l-2.5 6.5h5z"),
  tree: p("M12 21v-6M12 15c-4.5 0-6.5-2.5-6.5-5.5S8 3.5 12 3.5s6.5 3 6.5 6S16.5 15 12 15zM12 12.5 9.5 10M12 10.5l2-2"),
  plane: p("M3 13.5l3-.5 2 1.5 5-2.5-6.5-7L9 4.5l8.5 5 2.5-1c1.5-.5 2 1.2.7 2l-12 6.5z") + p("M4 20.5h16"),
  people: "<circle cx='12' cy='8' r='3.2'/>" + p("M5.5 20c.5-4.7 2.7-6.5 6.5-6.5s6 1.8 6.5 6.5") ,
  desk: "<circle cx='12' cy='10' r='4'/>" + p("M5 11a7 7 0 0 1 14 0v3M5 11v3.5M19 14c0 3-2.5 4.2-5 4.2M5 20.8c1.5-2.6 4-3.6 7-3.6"),
  lock: p("M5 10.5h14v10H5zM8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.5v2.5"),
  settings: p("M4 7h9M17 7h3M4 17h3M11 17h9") + "<circle cx='15' cy='7' r='2'/><circle cx='9' cy='17' r='2'/>",
  globe: "<circle cx='12' cy='12' r='8.5'/>" + p("M3.5 12h17M12 3.5c3 2.5 3.8 5.5 3.8 8.5s-.8 6-3.8 8.5c-3-2.5-3.8-5.5-3.8-8.5s.8-6 3.8-8.5z"),
  type: p("M3 19 8.5 5 14 19M5 14.5h7M15 19l3-8 3 8M16 16.5h4"),
  leave: p("M14 4.5H5v15h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5"),
  star: p("m12 3.5 2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17l-5.3 3 1.1-6-4.4-4.2 6-.8z"),
  help: "<circle cx='12' cy='12' r='9'/>" + p("M9.3 9.5a2.8 2.8 0 1 1 4 2.6c-.9.5-1.3 1-1.3 2M12 16.8v.5"),
  todo: p("M5 4.5h14v16H5zM9 3h6v3H9zM8.5 11l1.3 1.3 2.2-2.5M8.5 16l1.3 1.3 2.2-2.5M14 11.3h2M14 16.3h2"),
  offline: p("M3 3l18 18M5 12.5a10 10 0 0 1 4-2.5M2 9a15 15 0 0 1 5-3M12.5 6a14 14 0 0 1 9.5 3M15.5 10.5a10 10 0 0 1 3.5 2M9 16a5 5 0 0 1 6 0M12 19.5v.3"),
  scan: p("M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5M3 12h18"),
  edit: p("M4 20h4L20 8l-4-4L4 16zM13.5 6.5l4 4"),
  seal: "<circle cx='12' cy='9.5' r='6'/>" + p("m9.5 9.5 1.8 1.8 3.2-3.5M8.5 15 7 21l5-2.5 5 2.5-1.5-6"),
};

/** The icon as a CSS url(): a mask, so that it takes the current text colour. */
export function iconMask(name: string, width = 1.7): string {
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#000' stroke-width='${width}' ` +
    `stroke-linecap='round' stroke-linejoin='round'>${SHAPES[name] ?? SHAPES.doc}</svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}
