//! What the hospital's IT desk does about a device that does not work. The pages of the codes say more.

use zhijie_ports::DeviceFault;

/// The next step, in Chinese and English.
pub(super) const fn advice(fault: &DeviceFault) -> (&'static str, &'static str) {
    match fault {
        DeviceFault::NoReader => (
            "检查读卡器的 USB 线和指示灯，执行 lsusb 看系统是否认到。读卡器不是 CCID 设备时，请配置厂家的读卡库 [devices.vendor]",
            "check its cable and lamp, and whether lsusb shows it. A reader that is no CCID device needs its maker's library: [devices.vendor]",
        ),
        DeviceFault::CardServiceDown => (
            "执行 systemctl enable --now pcscd.socket；没有安装时先安装软件包 pcscd；已在运行时执行 systemctl restart pcscd",
            "run systemctl enable --now pcscd.socket; install the package pcscd first if it is missing; restart pcscd if it runs and hangs",
        ),
        DeviceFault::CardServiceForbidden => (
            "系统策略（polkit）不允许本用户使用智能卡服务，安装包带有规则文件，请检查是否被删除",
            "polkit keeps this user from the card service; the package brings a rule for it, see that it is still there",
        ),
        DeviceFault::ReaderBusy { .. } => (
            "关闭上面列出的程序之一；请软件厂商用共享方式打开读卡器，用完即关",
            "close one of the programs named above; have its vendor open the reader shared and close it after use",
        ),
        DeviceFault::CardMute => (
            "把卡拔出，擦净芯片，芯片朝内重新插入；换一张卡仍如此时更换读卡器",
            "take the card out, wipe the chip, insert it chip first; if another card fails as well, change the reader",
        ),
        DeviceFault::ScannerUnplugged => (
            "检查扫码枪的线，执行 zhijie doctor devices 看下面列出的端口，与 [devices] scanner 对照；不确定时写 auto",
            "check its cable, compare the ports listed below with [devices] scanner; when in doubt say auto",
        ),
        DeviceFault::ScannerBusy => (
            "执行 fuser -v 端口 看哪个程序占用；收费软件自己打开扫码枪时，改为通过本程序扫码",
            "fuser -v PORT names the program that has it; desk software that opens the scanner itself should scan through this program",
        ),
        DeviceFault::ScannerForbidden => (
            "执行 ls -lL 端口 看所属组（多为 dialout），把运行服务的用户加入该组，重启服务",
            "see the group of the port with ls -lL PORT (often dialout), add the service's user to it, restart the service",
        ),
        DeviceFault::ScannerAmbiguous => (
            "拔掉不属于本窗口的扫码枪，或在 [devices] scanner 写明 usb:厂商:产品:序列号",
            "unplug the one that does not belong here, or name it in [devices] scanner as usb:VVVV:PPPP:SERIAL",
        ),
        DeviceFault::ScannerNotSerial => (
            "按扫码枪说明书扫设置码，改为 USB 串口（USB COM / CDC）；各厂商叫法见 docs/devices.md",
            "scan the code in its manual that sets USB serial mode (USB COM, CDC); docs/devices.md has the makers' words",
        ),
        DeviceFault::HelperDown => (
            "检查程序 zhijie-devices 是否在 zhijie 旁边或 [devices] helper 所写的位置，能否执行",
            "see that the program zhijie-devices lies beside zhijie or where [devices] helper says, and may be executed",
        ),
        DeviceFault::HelperProtocol => (
            "zhijie 与 zhijie-devices 版本不同，请重新安装同一版本",
            "zhijie and zhijie-devices are of different versions; install them together",
        ),
        DeviceFault::ReaderSilent | DeviceFault::ReaderFailed { .. } => (
            "拔下读卡器再插上；仍不行时重启 pcscd，再不行时更换读卡器或驱动",
            "unplug the reader and plug it in again; else restart pcscd; else change reader or driver",
        ),
        _ => (
            "按故障码查看 docs/faults 中的说明",
            "see the page of this code in docs/faults",
        ),
    }
}
