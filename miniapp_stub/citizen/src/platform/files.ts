// Opening the server's PDFs: they need the bearer token, so a plain link would not do.
import { BASE, absolute } from "./origin";
import { headers, helped, problem, unreachable } from "./http";

function fetched(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    uni.downloadFile({
      url: absolute(path.startsWith("/") ? path : `${BASE}/${path}`),
      header: headers({}),
      success: (answer) => {
        if (answer.statusCode === 200) resolve(answer.tempFilePath);
        else reject(problem(answer.statusCode, {}));
      },
      fail: (failure) => reject(unreachable(failure.errMsg ?? "")),
    });
  });
}

/** Hands over any other file: a download in a browser, else the platform's own sheet for passing files on. */
export async function openFile(path: string, name: string): Promise<void> {
  const file = await helped(() => fetched(path));
  // #ifdef H5
  const link = document.createElement("a");
  link.href = file;
  link.download = name;
  link.click();
  // #endif
  // #ifdef MP-WEIXIN
  await wx.shareFileMessage({ filePath: file, fileName: name });
  // #endif
  // #ifdef MP-ALIPAY
  await uni.saveFile({ tempFilePath: file });
  // #endif
}

/** Shows a PDF: in the platform's viewer, or as a download in a browser. `path` is absolute or below the API base. */
export async function openPdf(path: string, name: string): Promise<void> {
  const file = await helped(() => fetched(path));
  // #ifdef H5
  const link = document.createElement("a");
  link.href = file;
  link.download = `${name}.pdf`;
  link.click();
  // #endif
  // #ifndef H5
  await uni.openDocument({ filePath: file, fileType: "pdf", showMenu: true });
  // #endif
}
