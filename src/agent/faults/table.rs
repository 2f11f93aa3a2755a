//! The entries. Order: by code.

use zhijie_model::{Link, MoneyMoved};

/// One way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub code: &'static str,
    pub link: Link,
    pub money: MoneyMoved,
    /// Plain Chinese: what to do now.
    pub cashier: &'static str,
    /// English: what happened.
    pub engineer: &'static str,
}

macro_rules! entries {
    ($($name:ident $code:literal $link:ident $money:ident $cashier:literal $engineer:literal;)+) => {
        $(
            #[doc = concat!("`", $code, "`: ", $engineer, ".")]
            pub(crate) const $name: Entry = Entry {
                code: $code,
                link: Link::$link,
                money: MoneyMoved::$money,
                cashier: $cashier,
                engineer: $engineer,
            };
        )+
        /// Every entry.
        pub const ALL: &[Entry] = &[$($name,)+];
    };
}

entries! {
    AGENT_001 "AGENT-001" Agent No "读卡和扫码程序没有运行，正在自动重启，请稍后再试；多次出现请联系信息科" "the device helper is not running";
    AGENT_002 "AGENT-002" Agent No "读卡和扫码程序版本不一致，请联系信息科重新安装" "the device helper speaks another pipe version";
    AGENT_003 "AGENT-003" Agent No "本机账本无法写入，已停止结算以保证不出错，请立即联系信息科" "the ledger cannot be written, nothing was sent";
    AGENT_004 "AGENT-004" Agent No "这张单据无法组成医保报文，请核对单据内容；仍不行请联系信息科" "the message could not be built";
    AGENT_005 "AGENT-005" Agent No "试算过程中程序重启过，没有结算，请重新试算" "the agent was restarted during the quote";
    AGENT_006 "AGENT-006" Agent Unknown "这张单据需要专人核对后才能继续，请勿再次结算或收款，请联系医保办" "only a person can go on";
    AGENT_007 "AGENT-007" Agent Unknown "结算结果没有写入本机账本，结果未知。请勿收款，请勿再次结算，请立即联系信息科" "an answer could not be recorded";
    AGENT_008 "AGENT-008" Agent No "程序正在停止，没有结算，请稍后再试" "the agent is stopping";
    AGENT_009 "AGENT-009" Agent Unknown "程序重启过，结算结果正在查询。请勿收款，请勿再次结算，请等待结果" "the agent stopped between sending and recording";
    AGENT_010 "AGENT-010" Agent No "争议材料无法写入本机，请联系信息科检查磁盘和文件夹权限" "the dispute packet could not be written";
    AGENT_011 "AGENT-011" Agent No "停机公告文件没有被接受，仍按之前的公告办理，请联系信息科" "the outage calendar is refused";
    AGENT_020 "AGENT-020" Agent No "对账正在进行，请稍候再试" "a reconciliation is under way";
    AGENT_021 "AGENT-021" Agent No "医保对账单上有用本收费台编号做的结算，但本机账本里没有：可能另一台电脑用了同一编号，或本机换过账本。请立即联系信息科，核对各台的收费台编号" "the centre holds settlements under this desk's slot that this ledger never sent";
    AGENT_BUSY "AGENT-BUSY" Agent No "程序繁忙，没有结算，请稍后再试" "the agent has more work than it can queue";
    CARD_001 "CARD-001" Card No "没有找到读卡器，请检查连接线后再试" "no card reader is connected";
    CARD_002 "CARD-002" Card No "没有插卡，请插入社会保障卡" "no card was inserted in time";
    CARD_003 "CARD-003" Card No "读卡时卡被拔出或更换，请重新插卡，读完再取" "the card was removed or exchanged while it was read";
    CARD_004 "CARD-004" Card No "卡没有反应，请检查正反面和芯片是否干净，再插一次；仍不行请到发卡机构换卡" "the card gives no answer to reset";
    CARD_005 "CARD-005" Card No "这不是社会保障卡，请插入社会保障卡" "the card is not a social-security card";
    CARD_006 "CARD-006" Card No "这张卡已被锁定，请患者到发卡机构处理；可改用医保码" "the card is locked by its issuer";
    CARD_007 "CARD-007" Card No "这张社会保障卡已过有效期，请患者到发卡机构换卡；可改用医保码" "the card is past its last day of validity";
    CARD_008 "CARD-008" Card No "卡内缺少必要信息，不能用于结算，请患者到发卡机构处理；可改用医保码" "a mandatory record is missing on the card";
    CARD_009 "CARD-009" Card No "卡内信息损坏，请再插一次；仍不行请患者到发卡机构处理，可改用医保码" "a record on the card is garbled";
    CARD_010 "CARD-010" Card No "第三代社会保障卡需要读卡器内有安全模块，本机没有。请改用医保码，并联系信息科" "holder data of a third-generation card needs a security module";
    CARD_011 "CARD-011" Card No "卡拒绝了读取，请再插一次；仍不行请改用医保码" "the card refused a command";
    CARD_012 "CARD-012" Card No "读卡器正被其他程序占用，请关闭其他读卡程序后再试" "another program holds the card reader";
    CARD_013 "CARD-013" Card No "读卡器没有反应，请拔出卡，重新插上读卡器后再试" "the card reader does not answer";
    CARD_014 "CARD-014" Card No "读卡器故障，请重新插上读卡器；仍不行请联系信息科" "the card reader or its driver failed";
    CARD_015 "CARD-015" Card No "系统的智能卡服务没有运行，请联系信息科" "the card service is not running";
    CARD_016 "CARD-016" Card No "系统不允许本程序使用智能卡服务，请联系信息科检查权限" "the card service refuses this program";
    CARD_017 "CARD-017" Card No "读卡器内的安全模块与这张卡不匹配，请改用医保码，并联系信息科" "the security module of the reader does not serve this card";
    CARD_018 "CARD-018" Card No "这张卡没有通过真伪验证，不能使用，请核对患者身份，并改用医保码" "the card did not prove itself genuine";
    CARD_019 "CARD-019" Card No "卡密码错误，没有继续。请患者确认密码后再试，不要反复尝试，否则卡会被锁" "the PIN of the card is wrong";
    CARD_020 "CARD-020" Card No "卡密码已被锁定，请患者到发卡机构解锁；可改用医保码" "the PIN of the card is blocked";
    CARD_021 "CARD-021" Card No "没有输入卡密码，或密码位数不对，请重新开始" "no usable PIN was entered";
    CARD_022 "CARD-022" Card No "读卡库不能使用，请联系信息科检查配置；可改用医保码" "the vendor library cannot be used";
    CARD_023 "CARD-023" Card No "读卡库报错，请再插一次；仍不行请联系信息科，可改用医保码" "the vendor library answered with an error number";
    CARD_024 "CARD-024" Card No "读卡库给出的内容无法识别，请再插一次；仍不行请改用医保码" "the answer of the vendor library is garbled";
    CARD_025 "CARD-025" Card No "读卡库出错，读卡程序已自动重启，请再试一次；多次出现请联系信息科" "the vendor library overran, crashed or hung, and the device helper was restarted";
    CARD_026 "CARD-026" Card No "密钥服务没有及时回答，卡片未能读取，请稍后再插一次；可改用医保码" "the key service gave no answer in time";
    CARD_027 "CARD-027" Card No "密钥服务没有给出这张卡的读取许可，请改用医保码，并通知信息科" "the key service refused, or its answer is no proof";
    CARD_028 "CARD-028" Card No "这张卡没有接受密钥服务的许可，请不要反复插卡，改用医保码，并通知信息科" "the card refused the proof of the key service";
    CARD_029 "CARD-029" Card No "这张卡的读取密钥已锁定，请患者到发卡机构处理；可改用医保码" "the read key of the card is blocked";
    CARD_030 "CARD-030" Card No "本机读卡器没有密码键盘，不能由患者在读卡器上输入卡密码" "the card reader has no key pad that verifies a PIN";
    CATL_001 "CATL-001" Province No "目录文件已过下载期限，原有目录仍可使用，请重新同步" "a catalogue file expired before it was fetched";
    CATL_002 "CATL-002" Gateway No "目录文件下载不完整，原有目录仍可使用，稍后自动重试" "the download of a catalogue file broke off";
    CATL_003 "CATL-003" Province No "目录文件格式异常，没有采用，原有目录仍可使用，请联系信息科" "a catalogue file is not one plain text in a zip";
    CATL_004 "CATL-004" Province No "目录文件解压后过大，没有采用，原有目录仍可使用，请联系信息科" "a catalogue file unfolds too far";
    CATL_005 "CATL-005" Province No "目录文件内容与该目录不符，没有采用，原有目录仍可使用，请联系信息科" "a catalogue file holds rows that cannot be read";
    CATL_006 "CATL-006" Province No "平台分页查询没有结束，没有采用，原有目录仍可使用，请联系信息科" "pages of a list do not come to an end";
    CATL_007 "CATL-007" Agent No "本机目录无法读写，不影响结算，请联系信息科检查磁盘" "the local catalogue cannot be used";
    CATL_008 "CATL-008" Province No "目录行数与平台公布的不一致，没有采用，原有目录仍可使用，请重新同步" "a list came with another number of rows than announced";
    CATL_009 "CATL-009" Desk No "本机还没有医保目录，请先同步目录" "no list of the catalogue has been fetched yet";
    CATL_010 "CATL-010" Province No "平台没有接受这条目录对照，请按平台提示核对" "the platform refused a mapping";
    CATL_011 "CATL-011" Province No "目录对照的结果未知，请同步目录核对后再决定是否重新对照" "the answer to a mapping was lost";
    DESK_001 "DESK-001" Desk No "已取消读取" "the read was cancelled";
    DESK_002 "DESK-002" Desk No "等待超时，没有插卡也没有扫码，请重新开始" "neither card nor code was shown in time";
    DESK_003 "DESK-003" Desk No "本机正在等待另一次读卡或扫码，请先完成或取消" "a read is already in progress";
    DESK_004 "DESK-004" Desk No "同一请求号用于不同内容，没有执行，请联系收费软件厂商" "a request id came again with another body";
    DESK_005 "DESK-005" Desk No "单据金额对不上，没有发送，请核对列出的明细" "the bill does not add up";
    DESK_006 "DESK-006" Desk No "读卡或扫码结果已失效，请重新读卡或扫码" "the identity is unknown or expired";
    DESK_007 "DESK-007" Desk No "患者有多个参保地或险种，请询问患者后选择一个" "several insurances remain, the desk must choose";
    DESK_008 "DESK-008" Desk No "还没有试算，请先试算" "there is no quote to settle";
    DESK_009 "DESK-009" Desk No "试算已更新，请按最新的试算结果结算" "another quote than the latest one";
    DESK_010 "DESK-010" Desk No "试算已过期，请重新试算" "the quote is stale";
    DESK_011 "DESK-011" Desk No "收费员确认的金额与试算不一致，没有结算，请按试算金额核对" "the accepted amounts are not those of the quote";
    DESK_012 "DESK-012" Desk Unknown "这张单据正在处理或结果未知。请勿重复操作，请勿收款，请等待结果" "the bill is locked by an act under way";
    DESK_013 "DESK-013" Desk Yes "这张单据已经结算，无需再次结算，请打印结算单" "the bill is settled already";
    DESK_014 "DESK-014" Desk No "这张单据已经退费，如需收费请新建收费批次" "the bill was refunded and is closed";
    DESK_015 "DESK-015" Desk No "这张单据没有结算，不能退费或确认" "there is no settlement of this bill";
    DESK_016 "DESK-016" Desk No "结算编号与这张单据不符，没有执行，请核对" "the settlement id is not that of the bill";
    DESK_017 "DESK-017" Desk No "本机没有开通离线结算，请联网结算" "this settlement mode is not offered";
    DESK_018 "DESK-018" Desk No "这个医保码已用于另一张单据，请患者刷新后重新扫码" "the e-voucher token is bound to another bill";
    DESK_019 "DESK-019" Desk No "本省不接受手工输入证件号，请插社会保障卡或扫医保码" "this province does not take a typed identity number";
    DESK_020 "DESK-020" Desk No "这张单据没有等待人工处理的事项" "nothing of this bill waits for a person";
    DESK_021 "DESK-021" Desk No "本机没有这张单据的记录，请核对单据号；在其他窗口结算的，请到那个窗口办理" "no such bill at this desk";
    DESK_022 "DESK-022" Desk No "本机没有这位患者的备案记录，没有可提交的材料" "nothing was ever seen of this person's filing";
    DESK_023 "DESK-023" Desk No "不能以后结算，没有受理，请看原因" "the offline policy does not take this bill";
    DESK_024 "DESK-024" Desk No "这张单据在待结算队列中，尚未结算，请勿重复办理，结果见 queue.list" "the bill waits in the queue to be settled";
    DESK_025 "DESK-025" Desk No "这张单据属于另一种业务（门诊或药店），没有执行，请用对应的业务办理" "the bill belongs to another road than the method";
    DESK_026 "DESK-026" Desk No "本省没有开通药店结算，没有发送" "this province takes no purchases at pharmacies";
    DESK_027 "DESK-027" Desk No "药店购药不能以后结算，请联网结算或自费" "a purchase at a pharmacy is never deferred";
    DESK_028 "DESK-028" Desk No "请填写医保平台上这次购药或住院的就诊ID" "a purchase or a stay that stands needs its visit id";
    DESK_035 "DESK-035" Desk No "这位患者在本机没有办理医保入院，没有执行。请先办理入院" "the stay is not admitted";
    DESK_036 "DESK-036" Desk No "这个住院号已经办理了医保入院，患者或内容不同，没有执行，请核对住院号；要修改请用住院信息变更" "the stay is admitted already, with another person or other papers";
    DESK_037 "DESK-037" Desk Unknown "这次住院有一步正在办理或结果未知，请勿重复操作，请等待结果" "the stay is locked by a step under way";
    DESK_038 "DESK-038" Desk Unknown "这次住院有结算或退费正在办理或结果未知，请勿重复操作，请等待结果" "a settlement of the stay is under way or in doubt";
    DESK_039 "DESK-039" Desk No "患者已办理出院，没有执行。要改动请先撤销出院" "discharged: take the discharge back first";
    DESK_040 "DESK-040" Desk No "患者还没有办理出院，没有执行。请先办理出院；中途结算请注明" "not discharged";
    DESK_041 "DESK-041" Desk No "这次住院已经出院结算，没有执行。要改动请先退费" "the final settlement stands: refund it first";
    DESK_042 "DESK-042" Desk No "这次住院还有有效的结算，没有执行。请从最近的一次开始退费" "a settlement stands: refund the latest first";
    DESK_043 "DESK-043" Desk No "平台上还有费用明细，没有撤销入院。请先撤销费用明细" "fee lines lie at the centre: withdraw them first";
    DESK_044 "DESK-044" Desk No "有费用明细上传结果未知，没有执行。请重新上传或撤销费用明细，程序会先清理" "the fate of uploaded lines is not known";
    DESK_045 "DESK-045" Desk No "费用明细有问题，没有发送，请核对列出的明细" "a fee line cannot be charged or taken back";
    DESK_046 "DESK-046" Desk No "没有需要结算的费用明细，没有执行" "no fee line waits to be settled";
    DESK_047 "DESK-047" Desk No "平台上的明细合计与医院合计不一致，没有发送，请核对" "the sum of the lines at the centre is not the hospital's";
    DESK_048 "DESK-048" Desk No "试算之后住院费用或状态有变化，没有结算，请重新试算" "the stay changed after the quote";
    DESK_049 "DESK-049" Desk No "中途结算与出院结算不一致，没有结算，请按试算时的方式办理" "the quote was made for the other sort of settlement";
    DESK_050 "DESK-050" Desk No "这位患者的同类备案正在办理或结果未知，没有重复办理，请等待结果" "a filing of that kind is under way or in doubt for this person";
    DESK_051 "DESK-051" Desk No "参保地已有这项备案，没有重复办理，请查看备案记录" "the register shows this record already";
    DESK_052 "DESK-052" Desk No "参保地没有要撤销的这项备案，没有办理，请核对备案编号" "the register does not show the record to be taken back";
    DESK_053 "DESK-053" Desk No "门诊慢特病就诊必须注明病种，没有发送，请选择患者已登记的病种" "a visit under a chronic disease names none";
    DESK_054 "DESK-054" Desk No "上一年的费用还没有结算，没有发送，请先做中途结算" "fees of another year wait to be settled";
    DESK_055 "DESK-055" Desk No "本省不接受这种证件，没有查询，请用社保卡、医保码或其他证件" "papers of this kind are not taken by this province";
    DESK_060 "DESK-060" Desk No "本省的配置没有对账规则，不能对账，请联系信息科" "the profile has no [reconciliation]";
    DESK_070 "DESK-070" Desk No "药品缺少追溯码，没有发送。请扫描列出明细的追溯码后重新试算" "a drug line has fewer trace codes than this province wants";
    DESK_071 "DESK-071" Desk No "本省不能指定个人账户支付金额，没有发送。请选择使用或不使用个人账户" "this province takes no amount for the personal account";
    DESK_072 "DESK-072" Desk No "本省不提供这项查询，没有发送" "this province cannot be asked for that";
    DESK_073 "DESK-073" Desk No "这张单据违反医保规则，不能结算，没有发送。请按列出的违规修改单据后重新试算" "a rule of the insurance forbids to settle the bill as it is";
    DESK_074 "DESK-074" Desk No "这张单据有医保违规提示，没有发送。请核对；确需结算请填写理由" "rules of the insurance are broken and no reason was given";
    GATE_001 "GATE-001" HospitalNetwork No "连不上医保平台，没有发送，没有结算。请再试一次；仍不行请联系信息科检查网络" "the platform could not be reached, no byte left";
    GATE_002 "GATE-002" Gateway No "与医保平台的安全连接失败，没有发送，没有结算，请联系信息科检查证书" "the TLS handshake failed, no byte of the request left";
    GATE_003 "GATE-003" Gateway No "医保签到失败，没有结算，请稍后再试；仍不行请联系信息科" "the operator could not be signed in";
    GATE_004 "GATE-004" Gateway No "医保平台连不上，暂停发送，本次没有发送，没有结算。恢复后自动放行，请稍后重新试算" "the gateway is closed after failures, nothing was sent";
    GATE_005 "GATE-005" Gateway No "医保平台按公告停机，本次没有发送，没有结算，请在停机结束后重新试算" "an announced outage of the gateway, nothing was sent";
    GATE_006 "GATE-006" Gateway No "医保平台在这个地址不认识这种交易，没有办理，没有结算，请联系信息科核对省份配置" "the platform does not know this transaction at this address, nothing was done";
    GATE_007 "GATE-007" Gateway No "医保平台入口没有放行，没有办理，没有结算。请联系信息科核对接入账号和密钥" "the gateway turned the call away: key, signature or token not accepted";
    GATE_008 "GATE-008" Gateway Unknown "医保平台入口没有放行，是否已办理未经证实。请勿收款，请勿再次结算，程序正在自动查询" "the gateway turned a call away that may move money, which does not prove that nothing was done";
    GATE_009 "GATE-009" Gateway No "没有取得平台入口的令牌，没有发送，没有结算。请再试一次；仍不行请联系信息科" "no token was to be had from the gateway, nothing was sent";
    GATE_010 "GATE-010" Agent No "本机时间与医保平台相差太大，请联系信息科校准时间" "the clock of this PC is off by more than the gateway may allow";
    GATE_011 "GATE-011" Gateway No "医保平台的证书不可信，没有发送，没有结算，请联系信息科" "the platform's certificate is not trusted, no byte of the request left";
    GATE_012 "GATE-012" Gateway No "医保平台不接受本机的证书，没有办理，没有结算，请联系信息科" "the platform refuses our certificate";
    GATE_013 "GATE-013" Gateway Unknown "医保平台应答的签名不对，结果未知。请勿收款，请勿再次结算，程序正在自动查询" "the answer is not signed or encrypted as agreed and proves nothing";
    GATE_014 "GATE-014" Gateway No "医保平台应答的签名不对，没有采用，没有结算，请再试一次；仍不行请联系信息科" "the answer to a lookup or a step before the settlement is not signed or encrypted as agreed";
    GATE_015 "GATE-015" Card No "读卡控件没有给出结果，没有发送，没有结算。请放好卡再试一次；仍不行请联系信息科" "the control of the security medium gave no card";
    PLAT_001 "PLAT-001" Province No "医保平台拒绝，没有结算。请看平台原话，改正后重新试算" "the platform refused the call";
    PLAT_002 "PLAT-002" Gateway No "医保平台没有应答，没有结算，请重新试算" "the answer to a step before the settlement was lost";
    PLAT_003 "PLAT-003" Gateway Unknown "医保平台超时，结果未知。请勿收款，请勿再次结算，程序正在自动查询" "the answer did not come in time";
    PLAT_004 "PLAT-004" Gateway Unknown "与医保平台的连接中断，结果未知。请勿收款，请勿再次结算，程序正在自动查询" "the connection broke after the request was sent";
    PLAT_005 "PLAT-005" Gateway Unknown "医保平台的应答无法识别，结果未知。请勿收款，请勿再次结算，程序正在自动查询" "what came back is no answer to this call";
    PLAT_006 "PLAT-006" Province Unknown "医保平台报错，但不能确定是否已结算。请勿收款，请勿再次结算，程序正在自动查询" "a failure text that does not prove that nothing was done";
    PLAT_007 "PLAT-007" Province No "这次结算没有成立，已经撤销，没有扣款，请重新试算" "the settlement was undone at the centre";
    PLAT_008 "PLAT-008" Province No "这次结算没有被执行，没有扣款，请重新试算" "the settlement was never executed";
    PLAT_009 "PLAT-009" Province No "这次退费没有被执行，原结算仍然有效，请重新退费" "the refund was never executed, the settlement stands";
    PLAT_010 "PLAT-010" Gateway No "没有查到，医保平台没有有效应答，请再试一次" "a lookup got no valid answer";
    PLAT_011 "PLAT-011" InsuredRegion No "患者没有正常参保的险种，请患者向参保地咨询" "no insurance of the person is active";
    PLAT_012 "PLAT-012" Province No "医保平台不认这个凭证或查询，请看平台原话，重新读卡或扫码" "the platform refused a lookup";
    PLAT_013 "PLAT-013" Province No "经人工核对，这次结算没有成立，没有扣款，请重新试算" "a person found that no settlement stands";
    PLAT_014 "PLAT-014" Province No "医保平台没有应答，暂停发送，本次没有发送，没有结算。恢复后自动放行，请稍后重新试算" "the province is closed after failures, nothing was sent";
    PLAT_015 "PLAT-015" Province No "医保平台按公告停机，本次没有发送，没有结算，请在停机结束后重新试算" "an announced outage of the province, nothing was sent";
    PLAT_020 "PLAT-020" Province No "患者正在医院住院，没有办理入院。请看平台原话里的医院名称，请患者先在那里办理出院" "the person is in hospital already";
    PLAT_021 "PLAT-021" Province No "这一步没有被执行，一切照旧，请重新办理" "the step was never executed, everything is as it was";
    PLAT_022 "PLAT-022" Province No "这次入院没有成立，已经撤销，请重新办理入院" "the admission was undone at the centre";
    PLAT_023 "PLAT-023" Province No "这次入院没有被执行，请重新办理入院" "the admission was never executed";
    PLAT_024 "PLAT-024" Gateway No "医保平台没有应答或程序重启过，没有办完，请用新的请求号再办一次，已办好的部分会保留" "a step of the stay was interrupted, what was answered is kept";
    PLAT_030 "PLAT-030" Province No "没有收到备案办理结果，暂不能确定是否办成。请勿重复办理，程序正在自动查询" "the answer to a filing was lost, its register is being asked";
    PLAT_031 "PLAT-031" Province No "经查询，这次备案没有办成，可以重新办理" "the register shows that the filing was never carried out";
    PLAT_032 "PLAT-032" Province No "医保平台拒绝办理这项备案，请看平台原话，改正后重新办理" "the platform refused the filing";
    PLAT_033 "PLAT-033" Province No "不能确定这项备案是否办成，请医保办到平台核对后登记结论；核对前请勿重复办理" "no register can tell whether the filing was carried out";
    PLAT_034 "PLAT-034" InsuredRegion No "参保地没有这个病种今天有效的登记，没有发送。请核对病种，请患者向参保地登记，或按普通门诊结算" "no entry of this disease is valid today";
    PLAT_035 "PLAT-035" InsuredRegion No "这个病种没有开通跨省直接结算，没有发送。请按普通门诊结算，或请患者回参保地报销" "the disease is not open to patients of other provinces";
    PLAT_040 "PLAT-040" Province No "医保对账单无法识别，没有采用，任何单据都没有改变。请联系信息科，稍后再对账" "a statement of the centre is not believed, nothing was concluded from it";
    PLAT_041 "PLAT-041" Province Unknown "医保对账单显示这笔结算已在医保平台成立，但金额与试算不一致或不完整。请勿收款，请勿再次结算，请医保办核对" "the statement shows our settlement at the centre, with other amounts or too little about it";
    PLAT_042 "PLAT-042" Province No "这张单据没有通过医保规则审核服务，没有试算，请稍后再试" "the bill could not be checked against the rules of the insurance";
    REGN_001 "REGN-001" InsuredRegion No "参保地拒绝，没有结算。请看平台原话，并请患者向参保地咨询（如异地就医备案）" "the insured region refused the call";
    REGN_002 "REGN-002" InsuredRegion No "参保地连不上，暂停发送，本次没有发送，没有结算。恢复后自动放行，请稍后重新试算" "the insured region is closed after failures, nothing was sent";
    REGN_003 "REGN-003" InsuredRegion No "参保地按公告停机，本次没有发送，没有结算，请在停机结束后重新试算" "an announced outage of the insured region, nothing was sent";
    SCAN_001 "SCAN-001" Scanner No "本机没有配置扫码枪，请插卡或联系信息科" "no scanner is configured";
    SCAN_002 "SCAN-002" Scanner No "扫码枪没有连接，请检查连接线" "the scanner is not connected";
    SCAN_003 "SCAN-003" Scanner No "扫码枪正被其他程序占用，请关闭后再试" "another program holds the scanner port";
    SCAN_004 "SCAN-004" Scanner No "这不是医保码，请患者打开医保码后重新扫码" "the scanned code is not an e-voucher";
    SCAN_005 "SCAN-005" Scanner No "扫到的内容无法识别，请重新扫码" "the scanner sent something that is no text";
    SCAN_006 "SCAN-006" Scanner No "系统不允许本程序打开扫码枪端口，请联系信息科检查权限" "the scanner port may not be opened by this program";
    SCAN_007 "SCAN-007" Scanner No "接了多把扫码枪，程序没有选用，请联系信息科" "several scanners fit the configuration, none is used";
    SCAN_008 "SCAN-008" Scanner No "扫码枪处于键盘模式，请联系信息科改为串口模式；可先插卡" "the scanner is not in serial mode";
    SCAN_009 "SCAN-009" Scanner No "医保码解码库不能用，请联系信息科；可先插卡" "the e-voucher library cannot be used";
    SCAN_010 "SCAN-010" Scanner No "医保码解码库出错，程序已重启它，请稍等几秒再扫一次；可先插卡" "the e-voucher library overran, crashed or hung";
    SCAN_011 "SCAN-011" Scanner No "医保码解码库没有认出医保码。请看库的原话，请患者刷新医保码后重新扫码；可先插卡" "the e-voucher library decoded nothing";
}
