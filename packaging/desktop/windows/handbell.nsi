; The installer of the bell for Windows: for one person, without an administrator.
;
; scripts/package_windows.py gives it, by /D: VERSION, NUMBERS (0.1.0.0), PAYLOAD (the folder that PyInstaller has made), ICON,
; PICTURE, SIDE, KILOBYTES, APP_ID, SCHEME and TO. `make package-test` installs, upgrades and removes it under Wine.
;
;   handbell-desktop-….exe /S                    without a question         /AUTOSTART=on|off   whether it starts at login
;   uninstall.exe /S                             without a question         /DELETEDATA         and what it knows goes too
;
; Exit status: 0 done, 1 cancelled, 3 this Windows is too old, 4 the bell did not end, 5 the folder holds something else.
;
; An upgrade stays in the folder where it is, asks the running bell to end (`handbell-desktop --quit`) and starts it again. What a
; person chose stays as it is: whether it starts at login, in the very value that the program's own switch writes
; (desktop/handbell_desktop/machine/autostart.py), and the task manager's switch beside it.

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetDateSave off
AllowRootDirInstall false

!include MUI2.nsh
!include LogicLib.nsh
!include Sections.nsh
!include FileFunc.nsh
!include WinVer.nsh
!include x64.nsh
!include Integration.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh

!define PRODUCT "Handbell"
!define PROGRAM "handbell-desktop.exe"
!define SHORTCUT "$SMPROGRAMS\Handbell.lnk"
!define OURS "Software\Handbell\Desktop"
!define REMOVAL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Handbell"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define TOASTS "Software\Classes\AppUserModelId\${APP_ID}"
!define LINKS "Software\Classes\${SCHEME}"
!define TOO_OLD 3
!define STILL_RUNS 4
!define FOREIGN 5

Name "${PRODUCT}"
OutFile "${TO}"
InstallDir "$LOCALAPPDATA\Programs\Handbell"
BrandingText "${PRODUCT} ${VERSION}"

VIProductVersion "${NUMBERS}"
VIAddVersionKey /LANG=0 "ProductName" "${PRODUCT}"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "${PRODUCT} Setup"
VIAddVersionKey /LANG=0 "CompanyName" "The Handbell developers"
VIAddVersionKey /LANG=0 "LegalCopyright" "MIT licence"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"
!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_PAGE_CUSTOMFUNCTION_PRE OnlyTheFirstTime
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English" ; also for those whose language is neither
!insertmacro MUI_LANGUAGE "German"
!include words.nsh

Var Upgrade ; 1 where the folder holds an older bell
Var Ran     ; 1 where that was running

; ---------------------------------------------------------------- installing

Section "${PRODUCT}" TheBell
  SectionIn RO
  Call EndTheBell
  Call OnlyOurFolder
  RMDir /r "$INSTDIR\_internal" ; what an older one had and this one has not must not be found by it
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}\*.*"
  File "/oname=handbell.ico" "${ICON}"
  File "/oname=handbell.png" "${PICTURE}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  Call WriteShortcut
  WriteRegStr HKCU "${OURS}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${OURS}" "Version" "${VERSION}"

  ; Toasts have their name and picture from here, also of a program that is in no store.
  WriteRegStr HKCU "${TOASTS}" "DisplayName" "${PRODUCT}"
  WriteRegStr HKCU "${TOASTS}" "IconUri" "$INSTDIR\handbell.png"

  WriteRegStr HKCU "${LINKS}" "" "URL:${PRODUCT}"
  WriteRegStr HKCU "${LINKS}" "URL Protocol" ""
  WriteRegStr HKCU "${LINKS}\DefaultIcon" "" "$INSTDIR\handbell.ico"
  WriteRegStr HKCU "${LINKS}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'

  WriteRegStr HKCU "${REMOVAL}" "DisplayName" "${PRODUCT}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REMOVAL}" "DisplayIcon" "$INSTDIR\handbell.ico"
  WriteRegStr HKCU "${REMOVAL}" "Publisher" "The Handbell developers"
  WriteRegStr HKCU "${REMOVAL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${REMOVAL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${REMOVAL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${REMOVAL}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${REMOVAL}" "NoModify" 1
  WriteRegDWORD HKCU "${REMOVAL}" "NoRepair" 1
  ${NotifyShell_AssocChanged}
SectionEnd

Section "$(AtLogin)" StartAtLogin
  ReadRegStr $0 HKCU "${RUN}" "${PRODUCT}"
  ${If} $0 == "" ; switched on just now: an older word of the task manager does not count any more
    DeleteRegValue HKCU "${APPROVED}" "${PRODUCT}"
  ${EndIf}
  WriteRegStr HKCU "${RUN}" "${PRODUCT}" '"$INSTDIR\${PROGRAM}"'
SectionEnd

Section "-" Afterwards
  ${IfNot} ${SectionIsSelected} ${StartAtLogin}
    DeleteRegValue HKCU "${RUN}" "${PRODUCT}"
  ${EndIf}
  ${If} ${Silent} ; otherwise the last page offers it
  ${AndIf} $Ran = 1
    Exec '"$INSTDIR\${PROGRAM}"'
  ${EndIf}
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${TheBell} "$(TheBellIs)"
  !insertmacro MUI_DESCRIPTION_TEXT ${StartAtLogin} "$(AtLoginIs)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; Whatever is in the folder will be removed one day, so it must be empty or ours.
Function OnlyOurFolder
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    Return
  ${EndIf}
  ${DirState} "$INSTDIR" $0 ; 1: something is in it
  ${If} $0 = 1
    MessageBox MB_OK|MB_ICONSTOP "$(NotEmpty)" /SD IDOK
    SetErrorLevel ${FOREIGN}
    Abort "$(NotEmpty)"
  ${EndIf}
FunctionEnd

; The start menu's entry with the id that the program and its toasts carry, which NSIS' own command cannot write. It comes first
; all the same: where the shell does not take the id there is an entry without one.
Function WriteShortcut
  CreateShortcut "${SHORTCUT}" "$INSTDIR\${PROGRAM}" "" "$INSTDIR\handbell.ico"
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
  ${If} $0 P= 0
    Return
  ${EndIf}
  ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
  ${IPersistFile::Load} $1 '("${SHORTCUT}",${STGM_READWRITE})'
  ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
  ${If} $2 P<> 0
    System::Call '*(&w${NSIS_MAX_STRLEN} "${APP_ID}")p.r5'
    System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r3'
    System::Call '*(&i2 ${VT_LPWSTR},&i2 0,&i2 0,&i2 0,p r5,p 0)p.r4'
    ${IPropertyStore::SetValue} $2 '(r3,r4)'
    ${IPropertyStore::Commit} $2 ""
    ${IUnknown::Release} $2 ""
    System::Free $3
    System::Free $4
    System::Free $5
    ${IPersistFile::Save} $1 '("${SHORTCUT}",1)'
  ${EndIf}
  ${IUnknown::Release} $1 ""
  ${IUnknown::Release} $0 ""
FunctionEnd

; ---------------------------------------------------------------- before anything

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(TooOld)" /SD IDOK
    SetErrorLevel ${TOO_OLD}
    Quit
  ${EndIf}
  StrCpy $Upgrade 0
  ReadRegStr $0 HKCU "${OURS}" "InstallDir"
  ${If} $0 != ""
  ${AndIf} ${FileExists} "$0\${PROGRAM}"
    StrCpy $INSTDIR $0
    StrCpy $Upgrade 1
  ${EndIf}
  Call ChosenStart
FunctionEnd

; On an upgrade the box stands as the person has left the switch; the first time it is ticked. /AUTOSTART has the last word.
Function ChosenStart
  ${If} $Upgrade = 1
    ReadRegStr $0 HKCU "${RUN}" "${PRODUCT}"
    ${If} $0 == ""
      !insertmacro UnselectSection ${StartAtLogin}
    ${EndIf}
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AUTOSTART=" $1
  ${If} ${Errors}
    Return
  ${EndIf}
  ${If} $1 == "off"
    !insertmacro UnselectSection ${StartAtLogin}
  ${Else}
    !insertmacro SelectSection ${StartAtLogin}
  ${EndIf}
FunctionEnd

Function OnlyTheFirstTime
  ${If} $Upgrade = 1
    Abort
  ${EndIf}
FunctionEnd

; ---------------------------------------------------------------- ending the one that runs

; The program's file cannot be written while it runs: that is how it is seen, whoever started it.
!macro EndTheBell un
Function ${un}Runs
  StrCpy $0 0
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    ClearErrors
    FileOpen $1 "$INSTDIR\${PROGRAM}" a
    ${If} ${Errors}
      StrCpy $0 1
    ${Else}
      FileClose $1
    ${EndIf}
  ${EndIf}
FunctionEnd

Function ${un}EndTheBell
  StrCpy $Ran 0
  Call ${un}Runs
  ${If} $0 = 0
    Return
  ${EndIf}
  StrCpy $Ran 1
  again:
  DetailPrint "$(Ending)"
  ExecWait '"$INSTDIR\${PROGRAM}" --quit'
  ${For} $2 1 40 ; a process is gone a moment after it has said good-bye
    Call ${un}Runs
    ${If} $0 = 0
      Return
    ${EndIf}
    Sleep 250
  ${Next}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(StillRuns)" /SD IDCANCEL IDRETRY again
  SetErrorLevel ${STILL_RUNS}
  Abort "$(StillRuns)"
FunctionEnd
!macroend
!insertmacro EndTheBell ""
!insertmacro EndTheBell "un."

; ---------------------------------------------------------------- removing

Section "un.${PRODUCT}" un.TheBell
  SectionIn RO
  Call un.EndTheBell
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\handbell.ico"
  Delete "$INSTDIR\handbell.png"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing of somebody else's is in it
  Delete "${SHORTCUT}"
  DeleteRegValue HKCU "${RUN}" "${PRODUCT}"
  DeleteRegValue HKCU "${APPROVED}" "${PRODUCT}"
  DeleteRegKey HKCU "${TOASTS}"
  DeleteRegKey HKCU "${LINKS}"
  DeleteRegKey HKCU "${REMOVAL}"
  DeleteRegKey HKCU "${OURS}"
  DeleteRegKey /ifempty HKCU "Software\Handbell"
  ${NotifyShell_AssocChanged}
SectionEnd

Section /o "un.$(Data)" un.TheData
  RMDir /r "$LOCALAPPDATA\Handbell"
  Call un.ForgetKeys
SectionEnd

!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${un.TheBell} "$(TheBellIs)"
  !insertmacro MUI_DESCRIPTION_TEXT ${un.TheData} "$(DataIs)"
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END

Function un.onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DELETEDATA" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${un.TheData}
  ${EndIf}
FunctionEnd

; The keys of the accounts, from the person's credential manager: each stands there as Handbell/<account>.
Function un.ForgetKeys
  System::Call 'advapi32::CredEnumerateW(w "${PRODUCT}/*", i 0, *i .r0, *p .r1) i.r2'
  ${If} $2 = 0
    Return
  ${EndIf}
  IntOp $0 $0 - 1
  ${For} $3 0 $0
    IntOp $4 $3 * ${NSIS_PTR_SIZE}
    IntPtrOp $4 $1 + $4
    System::Call '*$4(p .r5)'              ; a CREDENTIALW:
    System::Call '*$5(i, i .r6, w .r7)'    ; its flags, kind and name
    System::Call 'advapi32::CredDeleteW(w r7, i r6, i 0)'
  ${Next}
  System::Call 'advapi32::CredFree(p r1)'
FunctionEnd
