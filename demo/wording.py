"""The words listings are made of. Every shop, product and phrase is fictional."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ware:
    """An ordinary product of no registered brand; prices in CNY, from and to."""

    english: str
    chinese: str
    category: str
    shape: str
    cheapest: int
    dearest: int


WARES = (
    Ware("ceramic mug 350 ml", "陶瓷马克杯350ml", "home/kitchen", "mug", 15, 60),
    Ware("bamboo cutting board", "竹制砧板", "home/kitchen", "board", 29, 99),
    Ware("desk lamp with dimmer", "可调光护眼台灯", "home/lighting", "lamp", 59, 259),
    Ware("cotton tote bag", "纯棉帆布袋", "bags/handbags", "bag", 19, 79),
    Ware("canvas school backpack", "帆布双肩书包", "bags/backpacks", "bag", 69, 239),
    Ware("silicone phone case", "硅胶手机壳", "electronics/accessories", "board", 9, 49),
    Ware("USB-C charging cable 1 m", "USB-C数据线1米", "electronics/accessories", "cable", 9, 39),
    Ware("wired earphones", "有线入耳式耳机", "electronics/headphones", "headphones", 19, 129),
    Ware("men's running shoes, mesh", "男士网面跑步鞋", "shoes/trainers", "shoe", 79, 329),
    Ware("canvas slip-on shoes", "一脚蹬帆布鞋", "shoes/trainers", "shoe", 39, 159),
    Ware("waterproof hiking jacket", "防水登山外套", "clothing/jackets", "jacket", 129, 499),
    Ware("striped cotton socks, 5 pairs", "条纹纯棉袜5双", "clothing/socks", "board", 15, 49),
    Ware("aloe hand cream 75 ml", "芦荟护手霜75ml", "beauty/skin-care", "bottle", 9, 59),
    Ware("rose water toner 200 ml", "玫瑰爽肤水200ml", "beauty/skin-care", "bottle", 29, 139),
    Ware(
        "quartz watch with leather strap", "皮带石英手表", "watches/wrist-watches", "watch", 59, 399
    ),
    Ware("silicone watch strap 20 mm", "硅胶表带20mm", "watches/straps", "watch", 9, 59),
    Ware(
        "wooden building blocks, 60 pieces",
        "木质积木60粒",
        "toys/building-blocks",
        "blocks",
        39,
        169,
    ),
    Ware("plush rabbit 30 cm", "毛绒兔子玩偶30厘米", "toys/plush", "mug", 19, 99),
    Ware("gel pens, black, box of 12", "黑色中性笔12支装", "office/pens", "cable", 9, 39),
    Ware("stainless steel bottle 500 ml", "不锈钢保温杯500ml", "home/kitchen", "bottle", 29, 129),
    Ware("garden hose 20 m", "花园水管20米", "garden/watering", "cable", 39, 149),
    Ware("cat scratching post", "猫抓板立柱", "pets/cats", "lamp", 29, 189),
    Ware("yoga mat 6 mm", "瑜伽垫6毫米", "sports/yoga", "board", 29, 159),
    Ware("bicycle bell, brass", "黄铜自行车铃", "sports/cycling", "mug", 9, 49),
)

SHAPES = {
    "shoes/trainers": "shoe",
    "clothing/jackets": "jacket",
    "beauty/skin-care": "bottle",
    "electronics/headphones": "headphones",
    "electronics/power": "board",
    "bags/handbags": "bag",
    "bags/wallets": "board",
    "bags/backpacks": "bag",
    "watches/wrist-watches": "watch",
    "toys/building-blocks": "blocks",
}

EXTRAS_ENGLISH = ("new", "free delivery", "gift box", "ready stock", "2 colours", "summer sale", "")
EXTRAS_CHINESE = ("新款", "包邮", "礼盒装", "现货", "多色可选", "夏季特惠", "")
COLOURS = ("black", "white", "navy", "sand", "olive", "red")
CHINESE_COLOURS = dict(
    zip(COLOURS, ("黑色", "白色", "藏青", "沙色", "橄榄绿", "红色"), strict=True)
)

SHOP_PLACES = ("Ferry", "Lantern", "Ropewalk", "Signal", "Cooper", "Orchard", "Mill", "Tollgate")
SHOP_TRADES = ("Homeware", "Outfitters", "Corner Shop", "Supplies", "Bazaar", "Trading")
CHINESE_SHOP_PLACES = ("晴川", "望潮", "云桥", "南巷", "北渡", "青石")
CHINESE_SHOP_TRADES = ("百货店", "生活馆", "杂货铺", "优选店")

COPY_SHOPS = (
    "Stride Outlet {}",
    "Bag Factory Direct {}",
    "Night Stall {}",
    "尾货小仓{}",
    "大牌折扣{}",
)
REVISIONS = ("sale", "限时", "last pieces", "特价")

COPY_PHRASES_ENGLISH = (
    "same style as {name}",
    "inspired by {name}",
    "1:1 {name} mirror quality",
    "AAA+ quality {name}",
    "comparable to {name}",
    "{name} style, factory direct",
)
COPY_PHRASES_CHINESE = (
    "{name}同款",
    "高仿{name}",
    "{name} 1:1 复刻",
    "{name}平替",
    "莆田工厂版 {name}",
    "{name} 原单尾货",
)
PARALLEL_ENGLISH = "{product}, parallel import, {colour}, sealed"
PARALLEL_CHINESE = "{product} 海外平行进口 {colour} 未拆封"
SECOND_HAND_ENGLISH = "Used {product}, {colour}, good condition"
SECOND_HAND_CHINESE = "二手 {product} {colour} 9成新"
ACCESSORY_ENGLISH = "{part} for {brand} {number} (compatible, not original)"
ACCESSORY_CHINESE = "适用于{chinese}{number}的{part} 非原厂"
PARTS = {
    "shoes/trainers": ("Replacement insoles", "替换鞋垫"),
    "clothing/jackets": ("Zip puller", "拉链头"),
    "beauty/skin-care": ("Travel pump bottle", "旅行分装瓶"),
    "electronics/headphones": ("Ear pads", "耳罩套"),
    "electronics/power": ("Protective pouch", "收纳包"),
    "bags/handbags": ("Bag organiser insert", "内胆包"),
    "bags/wallets": ("Card sleeve", "卡套"),
    "bags/backpacks": ("Rain cover", "防雨罩"),
    "watches/wrist-watches": ("Watch strap", "表带"),
    "toys/building-blocks": ("LED light kit", "灯光套件"),
}

GENUINE_ENGLISH = "{product}, {colour}. Sold by an authorised shop, with the maker's invoice."
GENUINE_CHINESE = "{product}，{colour}。授权店铺销售，附品牌发票。"
PLAIN_ENGLISH = "{product}, {colour}. Sent within two working days."
PLAIN_CHINESE = "{product}，{colour}。两个工作日内发货。"
COPY_DESCRIPTIONS_ENGLISH = (
    "Top quality, with box. Logo covered in the picture, the goods are as you know them. "
    "Message us before you buy.",
    "Same factory, same leather, no middleman. Photos are our own. No returns.",
    "Best batch, all details right. Ask for more pictures by message.",
)
COPY_DESCRIPTIONS_CHINESE = (
    "顶级版本，带盒。图片已打码，懂的来。拍前请先私信。",
    "同厂同料，没有中间商。实物拍摄，不退不换。",
    "细节到位，专柜对比无压力。更多图片请私信。",
)
