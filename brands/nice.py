"""Which Nice classes goods of a category belong to.

Keywords after the class headings of the Nice Classification (WIPO, 12th edition), for the goods
marketplaces sell. A category without a known word belongs to no class here: it says nothing.
"""

from typing import Final

_WORDS: Final[dict[int, str]] = {
    3: (
        "cosmetic cosmetics perfume makeup skincare soap shampoo detergent 化妆品 "
        "香水 护肤 洗护 彩妆"
    ),
    5: "pharmaceutical medicine supplement vitamin vitamins 药品 保健品 维生素",
    7: "machine machines drill motor engine 机械 电钻 发动机",
    8: "knife knives razor cutlery 刀具 剃须刀 餐具",
    9: (
        "phone phones smartphone headphones earphones earbuds camera computer laptop "
        "tablet charger electronics software sunglasses glasses 手机 耳机 相机 电脑 "
        "平板 充电器 眼镜 墨镜 数码"
    ),
    11: "lamp lamps lighting heater refrigerator oven airfryer 灯具 冰箱 烤箱 空调",
    12: "car cars vehicle bicycle motorcycle tyre tires 汽车 自行车 摩托车 轮胎",
    14: (
        "watch watches jewellery jewelry ring necklace bracelet clock 手表 腕表 珠宝 首饰 项链 钟表"
    ),
    16: "stationery pen pens notebook paper book books 文具 钢笔 图书 纸品",
    18: (
        "bag bags handbag handbags backpack suitcase wallet luggage leather 手袋 背包 "
        "行李箱 钱包 箱包"
    ),
    20: "furniture chair table sofa mattress pillow 家具 沙发 床垫",
    21: "kitchenware mug bottle cookware toothbrush 厨具 水杯 牙刷",
    24: "bedding textile towel blanket 床品 毛巾 家纺",
    25: (
        "clothing clothes shoes footwear trainers sneakers jackets jacket shirt dress "
        "trousers hat hats apparel 服装 服饰 鞋 跑鞋 板鞋 夹克 衬衫 帽"
    ),
    27: "carpet rug wallpaper 地毯 墙纸",
    28: "toy toys game games puzzle doll sporting fitness 玩具 积木 球类 健身",
    29: "meat milk cheese oil 奶粉 肉类 食用油",
    30: "coffee tea chocolate bread rice 咖啡 茶叶 巧克力 糖果",
    32: "beer water juice beverage 啤酒 饮料 矿泉水",
    33: "wine spirits whisky vodka liquor 葡萄酒 白酒 洋酒",
    34: "tobacco cigarette cigarettes vape 香烟 电子烟",
}
_CLASS_OF: Final = {word: number for number, words in _WORDS.items() for word in words.split()}


def classes_of(category: str) -> frozenset[int]:
    """Return the classes a category such as ``shoes/trainers`` or ``男鞋`` belongs to."""
    folded = category.casefold()
    words = "".join(c if c.isalpha() else " " for c in folded).split()
    found = {_CLASS_OF[word] for word in words if word in _CLASS_OF}
    found |= {number for word, number in _CLASS_OF.items() if not word.isascii() and word in folded}
    return frozenset(found)
