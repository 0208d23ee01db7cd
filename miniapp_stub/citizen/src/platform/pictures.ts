// Choosing a photo and making it small enough to send: long side at most 2000 px, JPEG, location data gone.
const LONG_SIDE = 2000;
const QUALITY = 0.82;
export const MOST_BYTES = 10 * 1024 * 1024;

export interface Picture {
  path: string;
  size: number;
  /** H5 only: the bytes themselves, because a strict content policy lets nobody fetch a blob address. */
  file?: Blob;
}

/** Asks for one picture; undefined when the person changed their mind. */
export async function choosePicture(source: "camera" | "album" | "both" = "both"): Promise<Picture | undefined> {
  try {
    const chosen = await uni.chooseImage({
      count: 1,
      sizeType: ["original"],
      sourceType: source === "both" ? ["camera", "album"] : [source],
      // #ifdef H5
      extension: [".jpg", ".jpeg", ".png", ".webp", ".heic"],
      // #endif
    });
    const files = chosen.tempFiles as { size?: number }[] | undefined;
    const picture: Picture = { path: chosen.tempFilePaths[0] as string, size: Number(files?.[0]?.size ?? 0) };
    // #ifdef H5
    picture.file = files?.[0] as unknown as Blob;
    // #endif
    return picture;
  } catch {
    return undefined;
  }
}

/** Makes the picture smaller where this platform can decode it; otherwise hands it on as it is (the server decides). */
export async function compressed(picture: Picture): Promise<Picture> {
  // #ifdef H5
  return drawnSmaller(picture);
  // #endif
  // #ifndef H5
  try {
    const made = await uni.compressImage({ src: picture.path, quality: Math.round(QUALITY * 100), compressedWidth: LONG_SIDE });
    return { path: made.tempFilePath, size: 0 };
  } catch {
    return picture;
  }
  // #endif
}

// #ifdef H5
async function drawnSmaller(picture: Picture): Promise<Picture> {
  const image = new Image();
  image.src = picture.path;
  try {
    await image.decode();
  } catch {
    return picture; // HEIC in most browsers: the server can read it
  }
  const scale = Math.min(1, LONG_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob || (scale === 1 && picture.size > 0 && blob.size > picture.size)) return picture;
  return { path: URL.createObjectURL(blob), size: blob.size, file: new File([blob], "photo.jpg", { type: "image/jpeg" }) };
}
// #endif
