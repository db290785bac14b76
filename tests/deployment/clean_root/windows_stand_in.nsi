; A stand-in for the bell on Windows, made by the same compiler as the installer: it keeps its file in use while it runs, writes down
; what it was asked, ends when it is asked to, and keeps a key where the real one keeps them.

Unicode true
Target amd64-unicode
OutFile "${TO}"
SilentInstall silent
RequestExecutionLevel user
!include LogicLib.nsh
!include FileFunc.nsh
!define DATA "$LOCALAPPDATA\Handbell"

Section
  ${GetParameters} $0
  CreateDirectory "${DATA}"
  FileOpen $1 "${DATA}\told.txt" a
  FileSeek $1 0 END
  FileWrite $1 "told $0$\r$\n"
  FileClose $1
  ${Select} $0
  ${Case} "--quit"
    ${If} ${FileExists} "${DATA}\stubborn"
      Quit
    ${EndIf}
    FileOpen $1 "${DATA}\quit" w
    FileClose $1
    ${DoWhile} ${FileExists} "${DATA}\quit"
      Sleep 20
    ${Loop}
  ${Case} "--sign-in"
    System::Call '*(i 0, i 1, w "Handbell/a1", p 0, l 0, i 0, i 0, p 0, i 2, i 0, p 0, p 0, w "a1")p.r1'
    System::Call 'advapi32::CredWriteW(p r1, i 0)i.r2'
  ${Case} "--signed-in"
    System::Call 'advapi32::CredReadW(w "Handbell/a1", i 1, i 0, *p .r1)i.r2'
    IntOp $2 1 - $2
    SetErrorLevel $2
  ${Case} ""
    ${DoUntil} ${FileExists} "${DATA}\quit"
      Sleep 20
    ${Loop}
    Delete "${DATA}\quit"
  ${EndSelect}
SectionEnd
