"""
HouseError
├── InvalidRequest
│   ├── NotAnImage        422  none of JPEG, PNG, WebP, HEIC by its first bytes
│   ├── ImageTooLarge     422  more pixels than we open
│   ├── ImageUnreadable   422  begins like an image and then is none: cut off, damaged, or made to hurt
│   └── NoSuchUpload      422  an upload that is not this person's, or not there any more
└── Unavailable
    └── NoRoomForFiles    503  the file store does not take the photograph now
"""

from kit.errors import InvalidRequest, Unavailable
from kit.texts import text


class NotAnImage(InvalidRequest):
    code = "not_an_image"
    title = text("请上传 JPEG、PNG、WebP 或 HEIC 格式的照片", "Please send a JPEG, PNG, WebP or HEIC photograph")


class ImageTooLarge(InvalidRequest):
    code = "image_too_large"
    title = text("照片像素过高，请用手机默认设置重新拍摄", "The photograph has too many pixels")


class ImageUnreadable(InvalidRequest):
    code = "image_unreadable"
    title = text("照片已损坏，无法打开，请重新拍摄", "The photograph is damaged and cannot be opened")


class NoSuchUpload(InvalidRequest):
    code = "no_such_upload"
    title = text("照片不存在或已过期，请重新上传", "This photograph does not exist any more, please send it again")


class NoRoomForFiles(Unavailable):
    code = "no_room_for_files"
    title = text("暂时无法保存照片，请稍后再试", "The photograph cannot be kept now, please try again shortly")
