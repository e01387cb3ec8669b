// The report's words in three languages. Nobody who speaks Japanese or Korean natively has read them yet.
#include <string.h>

#include "after_action.h"

enum { EN, JA, KO, LANGUAGES };

static const char *const WORDS[WORD_COUNT][LANGUAGES] = {
    [WORD_TITLE] = {"After-action report", "事後報告書", "사후 보고서"},
    [WORD_NOTIONAL] = {"All data are notional.", "データはすべて架空のものです。", "모든 자료는 가상입니다."},
    [WORD_RECORDING] = {"Recording", "記録", "기록"},
    [WORD_NATION] = {"Node of", "ノード", "노드"},
    [WORD_MODE] = {"Mode", "区分", "구분"},
    [WORD_SPAN] = {"Record time", "記録時間", "기록 시간"},
    [WORD_IDENTICAL] = {"Replayed to the bit: everything below is what was computed and shown then.",
                        "完全に再現されました。以下はすべて当時計算され表示された内容です。",
                        "완전히 재현되었습니다. 아래는 모두 당시 계산되어 표시된 내용입니다."},
    [WORD_NOT_IDENTICAL] = {"NOT the same as then: ", "当時と一致しません：", "당시와 일치하지 않음: "},
    [WORD_EVENTS] = {"Event", "事象", "사건"},
    [WORD_VALUE] = {"What sharing was worth", "共有の効果", "공유의 효과"},
    [WORD_SHARED] = {"together", "共有", "공유"},
    [WORD_ALONE] = {"alone", "単独", "단독"},
    [WORD_DETECTED] = {"detected", "探知", "탐지"},
    [WORD_TRACKED] = {"tracked", "追尾", "추적"},
    [WORD_LAUNCH] = {"launch point known", "発射地点判明", "발사 지점 파악"},
    [WORD_AREA20] = {"impact area below 20 km", "落下予測域20 km未満", "낙하 예측 구역 20 km 미만"},
    [WORD_SIZE] = {"last 95 % semi-major axis", "最後の95 %長半径", "마지막 95 % 장반경"},
    [WORD_IMPACT] = {"last predicted impact", "最後の落下予測", "마지막 낙하 예측"},
    [WORD_NEVER] = {"never", "なし", "없음"},
    [WORD_MAP] = {"Map", "地図", "지도"},
    [WORD_MAP_SAYS] = {"flown path, and the last 95 % impact area of each nation alone and of all together",
                       "飛翔経路と、各国単独および共有による最後の95 %落下予測域",
                       "비행 경로와 각국 단독 및 공유의 마지막 95 % 낙하 예측 구역"},
    [WORD_CLOSE] = {"The shared area as it shrank", "共有による予測域の縮小", "공유 예측 구역의 축소"},
    [WORD_CLOSE_SAYS] = {"95 % impact areas from the first below 60 km to the last; the last one is filled",
                         "60 km未満となった最初の予測から最後までの95 %落下予測域。最後のものは塗りつぶし",
                         "60 km 미만이 된 첫 예측부터 마지막까지의 95 % 낙하 예측 구역. 마지막은 채움"},
    [WORD_SIZES] = {"How sure one was", "予測の確かさ", "예측의 확실성"},
    [WORD_SIZES_SAYS] = {"95 % semi-major axis of the impact area over time, km, logarithmic",
                         "落下予測域の95 %長半径の推移（km、対数目盛）",
                         "낙하 예측 구역 95 % 장반경의 추이(km, 로그 눈금)"},
    [WORD_PRODUCTS] = {"Warnings", "警報", "경보"},
    [WORD_PRODUCT] = {"warning", "警報", "경보"},
    [WORD_STATE] = {"state", "状態", "상태"},
    [WORD_PROPOSED] = {"proposed", "提案", "제안"},
    [WORD_RELEASED] = {"released", "発表", "발령"},
    [WORD_FIRST] = {"first person", "一人目", "첫째 담당자"},
    [WORD_SECOND] = {"second person", "二人目", "둘째 담당자"},
    [WORD_AREAS] = {"areas", "地域", "지역"},
    [WORD_NONE] = {"none", "なし", "없음"},
    [WORD_TIMELINE] = {"Time line", "経過", "경과"},
    [WORD_TIME] = {"time", "時刻", "시각"},
    [WORD_WHAT] = {"what", "内容", "내용"},
    [WORD_WHO] = {"who", "担当", "담당"},
    [WORD_REASON] = {"reason", "理由", "사유"},
    [WORD_ACTION] = {"person", "人", "사람"},
    [WORD_ALARM] = {"alarm", "アラーム", "알람"},
    [WORD_START] = {"node started", "ノード起動", "노드 시작"},
    [WORD_NO_RECEIPTS] = {"Receipts of the channels are not part of a recording; the node's screen and log have them.",
                          "配信経路の受領確認は記録に含まれません。ノードの画面とログを参照してください。",
                          "전송 경로의 수신 확인은 기록에 포함되지 않습니다. 노드 화면과 로그를 참조하십시오."},
    [WORD_EARLIER] = {"earlier than alone", "単独より早い", "단독보다 빠름"},
    [WORD_LOST_LINES] = {"further lines are not shown", "行は省略", "줄은 생략됨"},
    [WORD_SECONDS_AFTER] = {"times after the first detection", "最初の探知からの時間", "첫 탐지로부터의 시간"},
    [WORD_OUTCOME] = {"outcome", "結果", "결과"},
};

static const char *const STAGES[WF_STAGE_LAST + 1][LANGUAGES] = {
    [WF_STAGE_LAUNCH_NOTICE] = {"launch notice", "発射情報", "발사 통보"},
    [WF_STAGE_AREA] = {"impact area", "落下予測域", "낙하 예측 구역"},
    [WF_STAGE_THREATENED_AREAS] = {"threatened areas", "警戒地域", "위험 지역"},
    [WF_STAGE_IMMINENT] = {"imminent", "着弾切迫", "낙하 임박"},
    [WF_STAGE_LOST_TRACK] = {"track lost", "航跡喪失", "항적 상실"},
    [WF_STAGE_IMPACT_EXPECTED] = {"impact expected", "落下見込み", "낙하 예상"},
    [WF_STAGE_ALL_CLEAR] = {"all clear", "警戒解除", "경보 해제"},
    [WF_STAGE_CORRECTION] = {"correction", "訂正", "정정"},
    [WF_STAGE_OVERFLIGHT] = {"overflight", "上空通過予測", "상공 통과 예측"},
    [WF_STAGE_PASSED] = {"passed", "通過", "통과"},
    [WF_STAGE_DEBRIS] = {"debris", "落下物", "낙하물"},
    [WF_STAGE_CANCEL] = {"cancelled", "取消", "취소"},
};

static const char *const STATES[][LANGUAGES] = {
    [WF_PRODUCT_PROPOSED] = {"proposed", "提案", "제안"},
    [WF_PRODUCT_FIRST_CONFIRMED] = {"confirmed by one", "一名確認", "1인 확인"},
    [WF_PRODUCT_RELEASED] = {"released", "発表", "발령"},
    [WF_PRODUCT_WITHDRAWN] = {"withdrawn", "取下げ", "철회"},
    [WF_PRODUCT_SUPERSEDED] = {"superseded", "更新済み", "대체됨"}};

static int index_of(const char *name) {
  static const char *const NAMES[LANGUAGES] = {"en", "ja", "ko"};
  for (int i = 0; i < LANGUAGES; i++)
    if (strcmp(name, NAMES[i]) == 0) return i;
  return -1;
}

bool report_language(const char *name) {
  return index_of(name) >= 0;
}
const char *report_text(const report *r, report_word word) {
  return WORDS[word][index_of(r->language)];
}
const char *report_stage(const report *r, uint8_t stage) {
  return stage >= WF_STAGE_LAUNCH_NOTICE && stage <= WF_STAGE_LAST && STAGES[stage][EN] != NULL
             ? STAGES[stage][index_of(r->language)]
             : wf_product_stage_name((wf_product_stage)stage);
}
const char *report_state(const report *r, uint8_t state) {
  return state >= WF_PRODUCT_PROPOSED && state <= WF_PRODUCT_SUPERSEDED ? STATES[state][index_of(r->language)] : "?";
}
const char *report_mode(const report *r) {
  static const char *const MODES[][LANGUAGES] = {[WF_MODE_NONE] = {"?", "?", "?"},
                                                 [WF_MODE_LIVE] = {"LIVE", "実況", "실상황"},
                                                 [WF_MODE_TEST] = {"TEST", "試験", "시험"},
                                                 [WF_MODE_EXERCISE] = {"EXERCISE", "訓練", "훈련"}};
  return r->mode <= WF_MODE_EXERCISE ? MODES[r->mode][index_of(r->language)] : "?";
}
