#include "text.h"

#include <string.h>

static const warn_text ENGLISH = {
    .tag = "en-US",
    .frame = {"", "", "TEST TEST TEST ", "EXERCISE EXERCISE EXERCISE "},
    .note = {"", "", "This is a test of the system. It is not a real event.",
             "This is an exercise with notional data. It is not a real event."},
    .event = "Ballistic missile warning",
    .sender = "Watchfire node of {nation}",
    .area_name = "Predicted impact area (95 %)",
    .nowhere = "areas still to be named",
    .separator = ", ",
    .more = " and {count} more",
    .launch = "Launch: about {time}, near {place} (known within {size} km). ",
    .direction = "It flies towards the {compass}; the predicted impact is {distance} km from the launch. ",
    .impact =
        "Impact is expected between {earliest} and {latest}, near {place}, in an area {length} km long and {width} "
        "km wide (95 %). ",
    .threatened = "Threatened, with the earliest time of impact: {list}. ",
    .area = "{name} {time}",
    .concerned = "Areas concerned: {list}. ",
    .overhead = "It is expected to pass over: {list}. ",
    .above = "{name} between {time} and {until}, {height} km up or more",
    .sea = "It is expected to fall into the sea: {list}. ",
    .sea_part = "Part of the predicted area is sea: {list}. ",
    .fell = "It is thought to have fallen into the sea: {list}. ",
    .coast = {"The nearest area of this nation is {area}, {distance} km away, inside 200 nautical miles (370 km). ",
              "The nearest area of this nation is {area}, {distance} km away. ",
              "The nearest area of this nation is {area}, {distance} km away, outside 200 nautical miles (370 km). "},
    .not_warned = "No missile warning for {area} at this time. This may change; watch for further messages.",
    .salvo = "At least {count} missiles have been seen; more may follow. ",
    .seen_by = "Seen by: {sources}. ",
    .seen_by_word = "Reported by: {sources}. ",
    .alone = "This rests on one trusted source; the others may not be able to see it. ",
    .observed = "The fall was observed. ",
    .timed_out = "No fall was observed; the latest time at which it can have fallen is over. ",
    .out_of_reach = "It is still in flight, is being followed, and cannot reach these areas. ",
    .orbit = "It entered an orbit and does not come down here. ",
    .source = {"satellite (infrared)", "radar", "partner nations", "voice report", "another system's track",
               "a warning service"},
    .compass = {"north", "north-northeast", "northeast", "east-northeast", "east", "east-southeast", "southeast",
                "south-southeast", "south", "south-southwest", "southwest", "west-southwest", "west", "west-northwest",
                "northwest", "north-northwest"},
    .place = {"{lat}° N {lon}° E", "{lat}° N {lon}° W", "{lat}° S {lon}° E", "{lat}° S {lon}° W"},
    .clock = "{hour}:{minute} {zone}",
    .bare = "{hour}:{minute}",
    .zone_jpn = "Japan time",
    .zone_kor = "Korea time",
    .zone_utc = "UTC",
    .stage =
        {
            [WF_STAGE_LAUNCH_NOTICE] =
                {"Missile launch detected; area not yet known",
                 "A missile launch has been detected. Where it will fall is not yet known. ",
                 "Be ready to take shelter. Stay near a strong building or an underground place and "
                 "wait for the next message."},
            [WF_STAGE_AREA] =
                {"Missile in flight: impact area predicted",
                 "A missile is in flight. Its impact area has been predicted. ",
                 "If you are in or near this area, on land or at sea, take shelter in a strong building or "
                 "underground, or leave the area now. Elsewhere, wait for the next message."},
            [WF_STAGE_THREATENED_AREAS] =
                {"Missile warning: take shelter now in {areas}",
                 "A missile is in flight towards the areas named here. ",
                 "Take shelter now. Go into a strong building or underground. Stay away from "
                 "windows. If you are outdoors with no building near, lie down and protect your "
                 "head. Stay there until you are told that the danger is over."},
            [WF_STAGE_IMMINENT] =
                {"Missile impact imminent: stay in shelter in {areas}", "Impact is imminent in the areas named here. ",
                 "Stay in shelter. If you are not in shelter, get indoors or lie down and protect your "
                 "head at once. Do not go outside until you are told that the danger is over."},
            [WF_STAGE_LOST_TRACK] = {"Missile position uncertain: the danger remains",
                                     "The missile is no longer being tracked and its position is uncertain. The threat "
                                     "remains. ",
                                     "Stay in shelter. The danger is not over. Wait for the next message."},
            [WF_STAGE_IMPACT_EXPECTED] =
                {"Missile impact expected by now; not yet confirmed",
                 "The missile is expected to have fallen. The fall has not been observed. ",
                 "Stay in shelter until you are told that the danger is over. Do not go near "
                 "anything that may have fallen; report it to the police, the fire service or the "
                 "coast guard."},
            [WF_STAGE_ALL_CLEAR] =
                {"All clear: no further danger from this missile", "There is no further danger from this missile. ",
                 "You may leave shelter. Do not go near anything that may have fallen; report it to the "
                 "police, the fire service or the coast guard."},
            [WF_STAGE_CORRECTION] =
                {"Correction of an earlier missile warning",
                 "An earlier message about this missile was wrong. This message replaces it. ",
                 "Follow this message and not the earlier one. If in doubt, stay in shelter until the "
                 "next message."},
            [WF_STAGE_OVERFLIGHT] =
                {"Missile expected to pass over {areas}: take shelter",
                 "A missile is in flight and is expected to pass over the areas named here. ",
                 "Take shelter now in a strong building or underground and stay away from windows. "
                 "Parts may fall along its path. Stay there until you are told that it has passed."},
            [WF_STAGE_PASSED] = {"Missile has passed over {areas}",
                                 "The missile was tracked until it had passed the areas named here. ",
                                 "In these areas you may leave shelter. Parts may have fallen: do not go near anything "
                                 "that may have fallen; report it to the police, the fire service or the coast guard."},
            [WF_STAGE_DEBRIS] =
                {"Parts of a missile may fall in {areas}: take shelter",
                 "A separated stage or pieces of a missile are coming down towards the areas named here. ",
                 "Take shelter now in a strong building or underground and stay away from windows. Do not "
                 "go near anything that may have fallen; report it to the police, the fire service or the "
                 "coast guard."},
            [WF_STAGE_CANCEL] =
                {"Cancelled: the earlier missile warning was issued in error",
                 "The earlier messages about this missile were issued in error. There is no danger from "
                 "this missile. ",
                 "You may leave shelter. Disregard the earlier messages."},
            [WF_STAGE_SEISMIC] = {"Seismic event, possibly an explosion near a test site (information only)",
                                  "A seismic event has been reported near a known test site. It may have been an "
                                  "explosion; what it was is not confirmed. This is information and not a warning. ",
                                  "You need not take shelter. Wait for further information from the authorities."},
            [WF_STAGE_NOTICE] =
                {"Window announced in which objects may fall (information only)",
                 "A window has been announced in which objects may fall. Nothing has been detected; a launch "
                 "may also come at any other time. This is information and not a warning. ",
                 "Ships and aircraft: keep clear of the area during the window. Others need do nothing."},
        },
    .bulletin_event = {"", "Seismic information", "Announced window"},
    .bulletin = {"", "Time: {time}. Place: near {place} (known within {size} km). ",
                 "From {from} to {to}, within {size} km of {place}. "},
    .magnitude = "Magnitude {magnitude}. ",
    .depth = "Depth {depth} km. ",
    .dated = "{year}-{month}-{day} {hour}:{minute} {zone}",
    .announced_area = "Announced area",
    .no_explosion = "By what is known now, it was probably no explosion. ",
    .bulletin_correction = {"Correction of earlier information", "Earlier information was wrong. This replaces it. ",
                            "Follow this information and not the earlier one."},
    .bulletin_cancel = {"Cancelled: the earlier information was wrong",
                        "The earlier information was given in error and is withdrawn. ", "You need do nothing."}};

static const warn_text JAPANESE = {
    .tag = "ja-JP",
    .frame = {"", "", "【試験 試験 試験】", "【訓練 訓練 訓練】"},
    .note = {"", "", "これはシステムの試験です。実際の事態ではありません。",
             "これは仮想データによる訓練です。実際の事態ではありません。"},
    .event = "弾道ミサイル警報",
    .sender = "Watchfire {nation} ノード",
    .area_name = "予想落下区域(95%)",
    .nowhere = "対象地域(特定中)",
    .separator = "、",
    .more = "ほか{count}地域",
    .launch = "発射:{time}頃、{place}付近(誤差{size}km以内)。",
    .direction = "{compass}の方向へ飛行しています。予想落下地点は発射地点から{distance}kmです。",
    .impact = "落下は{earliest}から{latest}の間、{place}付近、長さ{length}km・幅{width}kmの区域(95%)と予想されます。",
    .threatened = "危険のある地域と最も早い落下予想時刻:{list}。",
    .area = "{name} {time}",
    .concerned = "対象地域:{list}。",
    .overhead = "上空を通過するとみられる地域と通過予想時刻:{list}。",
    .above = "{name}({time}から{until}の間、高度{height}km以上)",
    .sea = "落下する場所は海上({list})と予想されます。",
    .sea_part = "予想落下区域の一部は海上({list})です。",
    .fell = "海上({list})に落下したとみられます。",
    .coast = {"国内で最も近い地域は{area}で、距離は約{distance}km、200海里(約370km)の内側です。",
              "国内で最も近い地域は{area}で、距離は約{distance}kmです。",
              "国内で最も近い地域は{area}で、距離は約{distance}km、200海里(約370km)の外側です。"},
    .not_warned =
        "現時点で{area}にミサイル警報は出ていません。状況は変わることがあります。今後の情報に注意してください。",
    .salvo = "少なくとも{count}発が確認されています。続けて発射されるおそれがあります。",
    .seen_by = "探知手段:{sources}。",
    .seen_by_word = "発表元:{sources}。",
    .alone = "この情報は信頼できる一つの情報源によるものです。他の手段からは見えない可能性があります。",
    .observed = "落下が確認されました。",
    .timed_out = "落下は確認されていませんが、落下し得る最も遅い時刻は終わりました。",
    .out_of_reach = "ミサイルはまだ飛行中ですが、追跡により、これらの地域には到達しないことを確認しました。",
    .orbit = "軌道に入り、この地域には落下しません。",
    .source = {"衛星(赤外線)", "レーダー", "協力国", "音声による報告", "他のシステムの航跡", "警報機関の報告"},
    .compass = {"北", "北北東", "北東", "東北東", "東", "東南東", "南東", "南南東", "南", "南南西", "南西", "西南西",
                "西", "西北西", "北西", "北北西"},
    .place = {"北緯{lat}度・東経{lon}度", "北緯{lat}度・西経{lon}度", "南緯{lat}度・東経{lon}度",
              "南緯{lat}度・西経{lon}度"},
    .clock = "{zone}{hour}時{minute}分",
    .bare = "{hour}時{minute}分",
    .hour_plain = true,
    .zone_jpn = "日本時間",
    .zone_kor = "韓国時間",
    .zone_utc = "協定世界時",
    .stage =
        {
            [WF_STAGE_LAUNCH_NOTICE] =
                {"ミサイル発射を探知。落下区域は不明",
                 "ミサイルの発射が探知されました。落下する場所はまだ分かっていません。",
                 "避難できるよう準備してください。頑丈な建物や地下の近くにとどまり、次の情報をお待ちくだ"
                 "さい。"},
            [WF_STAGE_AREA] =
                {"ミサイル飛行中。落下区域を予測", "ミサイルが飛行中です。落下区域が予測されました。",
                 "この区域またはその近くの陸上・海上にいる方は、直ちに頑丈な建物の中や地下に避難するか、区域から"
                 "離れてください。その他の地域の方は次の情報をお待ちください。"},
            [WF_STAGE_THREATENED_AREAS] =
                {"ミサイル警報。直ちに避難:{areas}", "ミサイルが次の地域に向かって飛行しています。",
                 "直ちに避難してください。頑丈な建物の中、または地下に避難し、窓から離れてください。屋外"
                 "で近くに建物がない場合は、地面に伏せて頭部を守ってください。危険がなくなったという情報"
                 "があるまで、その場を動かないでください。"},
            [WF_STAGE_IMMINENT] =
                {"ミサイル落下切迫。避難を継続:{areas}", "次の地域で落下が切迫しています。",
                 "避難を続けてください。まだ避難していない方は、すぐに屋内に入るか、地面に伏せて頭部を守ってくだ"
                 "さい。危険がなくなったという情報があるまで、外に出ないでください。"},
            [WF_STAGE_LOST_TRACK] = {"ミサイルの位置は不明。危険は続いています",
                                     "ミサイルを追跡できなくなり、位置は不確かです。危険は続いています。",
                                     "避難を続けてください。危険はなくなっていません。次の情報をお待ちください。"},
            [WF_STAGE_IMPACT_EXPECTED] =
                {"ミサイルは落下したとみられる。未確認", "ミサイルは落下したとみられます。落下は確認されていません。",
                 "危険がなくなったという情報があるまで、避難を続けてください。落下物とみられるものには近づ"
                 "かず、警察・消防・海上保安庁に通報してください。"},
            [WF_STAGE_ALL_CLEAR] =
                {"警報解除。このミサイルによる危険はなくなりました", "このミサイルによる危険はなくなりました。",
                 "避難を終えて構いません。落下物とみられるものには近づかず、警察・消防・海上保安庁に通報して"
                 "ください。"},
            [WF_STAGE_CORRECTION] =
                {"ミサイル警報の訂正", "このミサイルについての先の情報に誤りがありました。この情報に差し替えます。",
                 "先の情報ではなく、この情報に従ってください。判断に迷う場合は、次の情報まで避難を続けてください。"},
            [WF_STAGE_OVERFLIGHT] =
                {"ミサイルが上空を通過する見込み。直ちに避難:{areas}",
                 "ミサイルが飛行中です。次の地域の上空を通過するとみられます。",
                 "直ちに頑丈な建物の中や地下に避難し、窓から離れてください。飛行経路に沿って部品などが落下するおそれ"
                 "があります。通過したという情報があるまで、その場を動かないでください。"},
            [WF_STAGE_PASSED] =
                {"ミサイルは上空を通過:{areas}", "次の地域の上空をミサイルが通過したことを、追跡により確認しました。",
                 "これらの地域では避難を終えて構いません。部品などが落下しているおそれがあります。落下物とみられるもの"
                 "には近づかず、警察・消防・海上保安庁に通報してください。"},
            [WF_STAGE_DEBRIS] =
                {"ミサイルの部品などが落下するおそれ。直ちに避難:{areas}",
                 "切り離された部分または破片が、次の地域に向かって落下しています。",
                 "直ちに頑丈な建物の中や地下に避難し、窓から離れてください。落下物とみられるものには近づかず、"
                 "警察・消防・海上保安庁に通報してください。"},
            [WF_STAGE_CANCEL] =
                {"取消:先のミサイル警報は誤りでした",
                 "このミサイルについて先に発表した情報は誤りでした。このミサイルによる危険はありません。",
                 "避難の必要はありません。先の情報は取り消します。"},
            [WF_STAGE_SEISMIC] =
                {"実験場付近で地震波を観測。爆発の可能性(情報)",
                 "既知の実験場の付近で地震波が観測されました。爆発の可能性がありますが、原因は確認されて"
                 "いません。これは情報であり、警報ではありません。",
                 "避難の必要はありません。今後の情報に注意してください。"},
            [WF_STAGE_NOTICE] =
                {"落下物のおそれがある期間と区域の通告(情報)",
                 "物体が落下するおそれのある期間と区域が通告されています。現在、発射は探知されていません。発射"
                 "は通告された期間の外でも起こり得ます。これは情報であり、警報ではありません。",
                 "船舶と航空機は、期間中この区域に近づかないでください。その他の方は特別な行動を取る必要は"
                 "ありません。"},
        },
    .bulletin_event = {"", "地震波に関する情報", "通告された期間と区域"},
    .bulletin = {"", "発生:{time}頃、{place}付近(誤差{size}km以内)。",
                 "期間:{from}から{to}まで。区域:{place}から{size}km以内。"},
    .magnitude = "マグニチュード{magnitude}。",
    .depth = "深さ{depth}km。",
    .dated = "{zone}{year}年{month}月{day}日{hour}時{minute}分",
    .announced_area = "通告された区域",
    .no_explosion = "現在の情報では、爆発ではなかったとみられます。",
    .bulletin_correction = {"先の情報の訂正", "先の情報に誤りがありました。この情報に差し替えます。",
                            "先の情報ではなく、この情報に従ってください。"},
    .bulletin_cancel = {"取消:先の情報は誤りでした", "先に発表した情報は誤りでしたので、取り消します。",
                        "特別な行動を取る必要はありません。"}};

static const warn_text KOREAN = {
    .tag = "ko-KR",
    .frame = {"", "", "[시험 시험 시험] ", "[훈련 훈련 훈련] "},
    .note = {"", "", "이것은 시스템 시험입니다. 실제 상황이 아닙니다.",
             "이것은 가상 자료를 쓰는 훈련입니다. 실제 상황이 아닙니다."},
    .event = "탄도미사일 경보",
    .sender = "Watchfire {nation} 노드",
    .area_name = "예상 낙하 구역(95%)",
    .nowhere = "대상 지역(확인 중)",
    .separator = ", ",
    .more = " 외 {count}곳",
    .launch = "발사: {time}경, {place} 부근(오차 {size} km 이내). ",
    .direction = "{compass} 방향으로 비행하고 있습니다. 예상 낙하 지점은 발사 지점에서 {distance} km 떨어져 있습니다. ",
    .impact =
        "{earliest}에서 {latest} 사이, {place} 부근의 길이 {length} km, 너비 {width} km 구역(95%)에 낙하할 것으로 "
        "예상됩니다. ",
    .threatened = "위험 지역과 가장 이른 낙하 예상 시각: {list}. ",
    .area = "{name} {time}",
    .concerned = "대상 지역: {list}. ",
    .overhead = "상공을 통과할 것으로 예상되는 지역과 통과 예상 시각: {list}. ",
    .above = "{name}({time}에서 {until} 사이, 고도 {height} km 이상)",
    .sea = "바다({list})에 떨어질 것으로 예상됩니다. ",
    .sea_part = "예상 낙하 구역의 일부는 바다({list})입니다. ",
    .fell = "바다({list})에 떨어진 것으로 보입니다. ",
    .coast = {"국내에서 가장 가까운 지역은 {area}이며 거리는 약 {distance} km로 200해리(약 370 km) 안쪽입니다. ",
              "국내에서 가장 가까운 지역은 {area}이며 거리는 약 {distance} km입니다. ",
              "국내에서 가장 가까운 지역은 {area}이며 거리는 약 {distance} km로 200해리(약 370 km) 바깥쪽입니다. "},
    .not_warned = "현재 {area}에는 미사일 경보가 발령되지 않았습니다. 상황은 바뀔 수 있으니 다음 안내에 유의하십시오.",
    .salvo = "최소 {count}발이 확인되었으며 추가 발사가 있을 수 있습니다. ",
    .seen_by = "탐지 수단: {sources}. ",
    .seen_by_word = "발표: {sources}. ",
    .alone = "이 정보는 신뢰할 수 있는 한 곳의 정보에 따른 것입니다. 다른 수단으로는 보이지 않을 수 있습니다. ",
    .observed = "낙하가 관측되었습니다. ",
    .timed_out = "낙하는 관측되지 않았으나, 낙하할 수 있는 가장 늦은 시각이 끝났습니다. ",
    .out_of_reach = "미사일은 아직 비행 중이지만, 추적 결과 이 지역에는 도달하지 않습니다. ",
    .orbit = "궤도에 진입하였으며 이 지역에 낙하하지 않습니다. ",
    .source = {"위성(적외선)", "레이더", "협력국", "음성 보고", "다른 체계의 항적", "경보 기관의 보고"},
    .compass = {"북", "북북동", "북동", "동북동", "동", "동남동", "남동", "남남동", "남", "남남서", "남서", "서남서",
                "서", "서북서", "북서", "북북서"},
    .place = {"북위 {lat}도 동경 {lon}도", "북위 {lat}도 서경 {lon}도", "남위 {lat}도 동경 {lon}도",
              "남위 {lat}도 서경 {lon}도"},
    .clock = "{zone} {hour}시 {minute}분",
    .bare = "{hour}시 {minute}분",
    .hour_plain = true,
    .zone_jpn = "일본 시각",
    .zone_kor = "한국 시각",
    .zone_utc = "협정 세계시",
    .stage =
        {
            [WF_STAGE_LAUNCH_NOTICE] =
                {"미사일 발사 탐지. 낙하 구역은 아직 알 수 없음",
                 "미사일 발사가 탐지되었습니다. 어디에 떨어질지는 아직 알 수 없습니다. ",
                 "대피할 준비를 하십시오. 튼튼한 건물이나 지하 시설 가까이에 머물며 다음 안내를 기다리십시오."},
            [WF_STAGE_AREA] = {"미사일 비행 중. 낙하 구역 예측",
                               "미사일이 비행하고 있습니다. 낙하 구역이 예측되었습니다. ",
                               "이 구역이나 그 부근의 육지와 바다에 있는 분은 지금 바로 튼튼한 건물 안이나 지하로 "
                               "대피하거나 구역에서 "
                               "벗어나십시오. 다른 지역에서는 다음 안내를 기다리십시오."},
            [WF_STAGE_THREATENED_AREAS] =
                {"미사일 경보. 지금 바로 대피: {areas}", "미사일이 다음 지역을 향해 비행하고 있습니다. ",
                 "지금 바로 대피하십시오. 튼튼한 건물 안이나 지하로 들어가고 창문에서 떨어지십시오. 밖에 있고 "
                 "가까이에 건물이 없으면 바닥에 엎드려 머리를 보호하십시오. 위험이 끝났다는 안내가 있을 때까지 "
                 "그곳에 머무르십시오."},
            [WF_STAGE_IMMINENT] = {"미사일 낙하 임박. 계속 대피: {areas}", "다음 지역에 낙하가 임박했습니다. ",
                                   "계속 대피하십시오. 아직 대피하지 못했으면 곧바로 실내로 들어가거나 엎드려 머리를 "
                                   "보호하십시오. 위험이 "
                                   "끝났다는 안내가 있을 때까지 밖으로 나오지 마십시오."},
            [WF_STAGE_LOST_TRACK] = {"미사일 위치 불확실. 위험은 계속됩니다",
                                     "미사일을 더 이상 추적하지 못하고 있으며 위치가 불확실합니다. 위험은 계속됩니다. ",
                                     "계속 대피하십시오. 위험이 끝나지 않았습니다. 다음 안내를 기다리십시오."},
            [WF_STAGE_IMPACT_EXPECTED] =
                {"미사일이 낙하한 것으로 예상. 확인되지 않음",
                 "미사일이 낙하한 것으로 예상됩니다. 낙하는 관측되지 않았습니다. ",
                 "위험이 끝났다는 안내가 있을 때까지 계속 대피하십시오. 떨어진 물체로 보이는 것에 가까이 가지 말고 "
                 "경찰, 소방 또는 해양경찰에 신고하십시오."},
            [WF_STAGE_ALL_CLEAR] =
                {"경보 해제. 이 미사일로 인한 위험이 끝났습니다", "이 미사일로 인한 위험이 끝났습니다. ",
                 "대피를 마쳐도 됩니다. 떨어진 물체로 보이는 것에 가까이 가지 말고 경찰, 소방 또는 해양경찰에 "
                 "신고하십시오."},
            [WF_STAGE_CORRECTION] =
                {"미사일 경보 정정", "이 미사일에 관한 앞선 안내에 잘못이 있었습니다. 이 안내로 바꿉니다. ",
                 "앞선 안내가 아니라 이 안내를 따르십시오. 확실하지 않으면 다음 안내까지 계속 대피하십시오."},
            [WF_STAGE_OVERFLIGHT] = {"미사일 상공 통과 예상. 지금 바로 대피: {areas}",
                                     "미사일이 비행하고 있습니다. 다음 지역의 상공을 통과할 것으로 예상됩니다. ",
                                     "지금 바로 튼튼한 건물 안이나 지하로 대피하고 창문에서 떨어지십시오. 비행 경로를 "
                                     "따라 부품 등이 떨어질 "
                                     "수 있습니다. 통과했다는 안내가 있을 때까지 그곳에 머무르십시오."},
            [WF_STAGE_PASSED] =
                {"미사일 상공 통과: {areas}", "미사일이 다음 지역의 상공을 통과한 것을 추적으로 확인했습니다. ",
                 "이 지역에서는 대피를 마쳐도 됩니다. 부품 등이 떨어졌을 수 있습니다. 떨어진 물체로 보이는 것에 가까이 "
                 "가지 말고 경찰, 소방 또는 해양경찰에 신고하십시오."},
            [WF_STAGE_DEBRIS] =
                {"미사일 부품 등 낙하 우려. 지금 바로 대피: {areas}",
                 "분리된 추진체나 파편이 다음 지역을 향해 떨어지고 있습니다. ",
                 "지금 바로 튼튼한 건물 안이나 지하로 대피하고 창문에서 떨어지십시오. 떨어진 물체로 보이는 것에 가까이 "
                 "가지 말고 경찰, 소방 또는 해양경찰에 신고하십시오."},
            [WF_STAGE_CANCEL] =
                {"취소: 앞선 미사일 경보는 잘못 발령되었습니다",
                 "이 미사일에 관해 앞서 보낸 안내는 잘못 발령된 것입니다. 이 미사일로 인한 위험은 없습니다. ",
                 "대피할 필요가 없습니다. 앞선 안내는 취소합니다."},
            [WF_STAGE_SEISMIC] =
                {"실험장 부근에서 지진파 관측. 폭발 가능성(정보)",
                 "알려진 실험장 부근에서 지진파가 관측되었습니다. 폭발일 가능성이 있으나 원인은 확인되지 "
                 "않았습니다. 이것은 정보이며 경보가 아닙니다. ",
                 "대피할 필요가 없습니다. 이후의 안내에 유의하십시오."},
            [WF_STAGE_NOTICE] =
                {"낙하물 우려 기간과 구역 통보(정보)",
                 "물체가 떨어질 우려가 있는 기간과 구역이 통보되었습니다. 현재 탐지된 발사는 없습니다. 발사는 "
                 "통보된 기간이 아닌 때에도 있을 수 있습니다. 이것은 정보이며 경보가 아닙니다. ",
                 "선박과 항공기는 그 기간에 이 구역에 접근하지 마십시오. 그 밖의 분은 따로 하실 일이 "
                 "없습니다."},
        },
    .bulletin_event = {"", "지진파 정보", "통보된 기간과 구역"},
    .bulletin = {"", "발생: {time}경, {place} 부근(오차 {size} km 이내). ",
                 "기간: {from}부터 {to}까지. 구역: {place}에서 {size} km 이내. "},
    .magnitude = "규모 {magnitude}. ",
    .depth = "깊이 {depth} km. ",
    .dated = "{zone} {year}년 {month}월 {day}일 {hour}시 {minute}분",
    .announced_area = "통보된 구역",
    .no_explosion = "지금까지의 정보로는 폭발이 아니었던 것으로 보입니다. ",
    .bulletin_correction = {"앞선 정보 정정", "앞선 정보에 잘못이 있었습니다. 이 정보로 바꿉니다. ",
                            "앞선 정보가 아니라 이 정보를 따르십시오."},
    .bulletin_cancel = {"취소: 앞선 정보는 잘못되었습니다", "앞서 보낸 정보는 잘못된 것으로 취소합니다. ",
                        "따로 하실 일이 없습니다."}};

const warn_text *const WARN_TEXT[WARN_LANGUAGE_COUNT] = {&ENGLISH, &JAPANESE, &KOREAN};

const warn_stage_text *warn_words(const warn_text *text, const wf_product *p) {
  if (p->bulletin.kind != WF_BULLETIN_NONE && p->stage == WF_STAGE_CORRECTION) return &text->bulletin_correction;
  if (p->bulletin.kind != WF_BULLETIN_NONE && p->stage == WF_STAGE_CANCEL) return &text->bulletin_cancel;
  return &text->stage[p->stage];
}

static void put_bytes(warn_line *line, const char *text, size_t length) {
  if (line->length + length + 1 > line->size) {
    line->cut = true;
    return;
  }
  memcpy(line->text + line->length, text, length);
  line->length += length;
  line->text[line->length] = '\0';
}

void warn_put(warn_line *line, const char *text) {
  put_bytes(line, text, strlen(text));
}

static const char *value_of(const char *name, size_t length, const warn_slot *slots, size_t slot_count) {
  for (size_t i = 0; i < slot_count; i++)
    if (strlen(slots[i].name) == length && memcmp(slots[i].name, name, length) == 0) return slots[i].value;
  return NULL;
}

void warn_put_filled(warn_line *line, const char *pattern, const warn_slot *slots, size_t slot_count) {
  while (*pattern != '\0') {
    const char *open = strchr(pattern, '{'), *close = open != NULL ? strchr(open, '}') : NULL;
    if (close == NULL) {
      warn_put(line, pattern);
      return;
    }
    put_bytes(line, pattern, (size_t)(open - pattern));
    const char *value = value_of(open + 1, (size_t)(close - open - 1), slots, slot_count);
    if (value != NULL)
      warn_put(line, value);
    else
      put_bytes(line, open, (size_t)(close - open + 1));
    pattern = close + 1;
  }
}
